import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SourceReader } from '../model/source.ts';
import { HEAD_OCTETS } from './detect.ts';

/** Where octets come from, as stored: nothing is unpacked here. */
export interface Origin {
  /** A pipe: what was read is gone. */
  readonly once: boolean;
  /** Size on disk; for a pipe, what came through so far. */
  octets(): number;
  /** Reads the beginning (at least `HEAD_OCTETS`, where there are as many) without using it up. */
  peek(): SourceReader;
  open(): SourceReader;
  /** Octets from any place, at once; absent for a pipe. */
  readonly reread?: (into: Uint8Array, position: number) => number;
}

/** A file by its path. Rejects with the error of the operating system where it cannot be opened. */
export async function fileOrigin(path: string): Promise<Origin> {
  const status = await stat(path);
  if (status.isFIFO()) return pipeOrigin(openPipe(path));
  if (!status.isFile()) return pipeOrigin(chunksOf(path));
  // Opened here once so that a missing permission is told before anything is analysed.
  await (await open(path, 'r')).close();
  const reader = (): SourceReader => new FileReader(path);
  const reread = (into: Uint8Array, position: number): number => readAgain(path, status, into, position);
  return { once: false, octets: () => status.size, peek: reader, open: reader, reread };
}

/** The file that was read again last: it stays open, because a log's lines are asked for a hundred thousand times. No other does, however many there are. */
let last: { readonly path: string; readonly ino: number; readonly dev: number; readonly file: number } | null = null;

/** Another file under the same name gives nothing. */
function readAgain(path: string, { ino, dev }: Stats, into: Uint8Array, position: number): number {
  try {
    if (last?.path !== path || last.ino !== ino || last.dev !== dev) {
      if (last) closeSync(last.file);
      last = null;
      const file = openSync(path, 'r');
      const now = fstatSync(file);
      last = { path, ino: now.ino, dev: now.dev, file };
      if (now.ino !== ino || now.dev !== dev) return 0;
    }
    return readSync(last.file, into, 0, into.length, position);
  } catch {
    return 0;
  }
}

/** Octets after which whatever else waits (Ctrl-C, a timer) gets its turn. */
const OCTETS_A_TURN = 8 << 20;

/**
 * Reads at once: to hand a chunk to another thread and back costs more than to copy it from the page cache, and what comes from a disk
 * is read ahead by the operating system.
 */
class FileReader implements SourceReader {
  readonly #path: string;
  #file: number | null = null;
  #octets = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async read(into: Uint8Array, offset: number, length: number): Promise<number> {
    if (this.#octets >= OCTETS_A_TURN) {
      this.#octets = 0;
      await nextTurn();
    }
    this.#file ??= openSync(this.#path, 'r');
    const count = readSync(this.#file, into, offset, length, null);
    this.#octets += count;
    return count;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    if (file !== null) closeSync(file);
  }
}

/**
 * Named pipes and process substitution: opened once, read forward. Neither to open one that nobody writes to nor to read one that is silent
 * holds a thread, for which the end of the process would wait.
 */
function openPipe(path: string): Readable {
  return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
}

/** Devices: opened once, read forward. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    for (;;) {
      const chunk = new Uint8Array(HEAD_OCTETS);
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Standard input or another stream. Its head is read at once and given again by `open`, which may be called once. */
export async function pipeOrigin(stream: AsyncIterable<Uint8Array>): Promise<Origin> {
  const chunks = stream[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let octets = 0;
  while (octets < HEAD_OCTETS) {
    const { value, done } = await chunks.next();
    if (done) break;
    head.push(value);
    octets += value.length;
  }
  const next = async (): Promise<Uint8Array | null> => {
    const { value, done } = await chunks.next();
    if (done) return null;
    octets += value.length;
    return value;
  };
  return {
    once: true,
    octets: () => octets,
    peek: () => new ChunkReader([...head], async () => null),
    open: () => new ChunkReader(head.splice(0), next, () => letGo(stream, chunks)),
  };
}

/** Ends a pipe without waiting: its writer may be silent for ever, and a read may be under way. */
function letGo(stream: AsyncIterable<Uint8Array>, chunks: AsyncIterator<Uint8Array>): void {
  if (stream instanceof Readable) stream.destroy();
  else chunks.return?.().catch(() => null);
}

/** Hands out chunks piecewise; asks for the next one only when the last is used up, so that the writer of a pipe waits. */
class ChunkReader implements SourceReader {
  readonly #queue: Uint8Array[];
  readonly #next: () => Promise<Uint8Array | null>;
  readonly #end: () => void;

  constructor(queue: Uint8Array[], next: () => Promise<Uint8Array | null>, end: () => void = () => {}) {
    this.#queue = queue;
    this.#next = next;
    this.#end = end;
  }

  async read(into: Uint8Array, offset: number, length: number): Promise<number> {
    let chunk = this.#queue.shift();
    while (!chunk || chunk.length === 0) {
      const next = this.#queue.shift() ?? (await this.#next());
      if (!next) return 0;
      chunk = next;
    }
    const count = Math.min(length, chunk.length);
    into.set(chunk.subarray(0, count), offset);
    if (count < chunk.length) this.#queue.unshift(chunk.subarray(count));
    return count;
  }

  async close(): Promise<void> {
    this.#end();
  }
}
