import type { Analysis, AnalyzeRequest } from '../model/analysis.ts';
import type { RecordReader } from '../verify/index.ts';
import { createOutputFile, type OutputFile } from './output-files.ts';
import { askSecret } from './ask-secret.ts';
import { type OpenPager, processPager } from './pager.ts';
import { analyze, readPackets, takeaway, type Takeaway } from './route.ts';

/** Where text goes. `write` resolves when more may be written; to false once the reader has closed the pipe. */
export interface TextTarget {
  readonly isTerminal: boolean;
  /** Columns of the terminal; null where it is none. */
  readonly columns: number | null;
  /** Its lines, likewise. */
  readonly rows: number | null;
  /** Rejects with the error of the operating system where the text cannot be written for another reason than a closed pipe. */
  write(text: string): Promise<boolean>;
}

type InterruptSignal = 'SIGINT' | 'SIGTERM';

/** Everything by which the program touches the world, so that tests can run `main` in process. */
export interface Io {
  readonly out: TextTarget;
  readonly err: TextTarget;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back on Ctrl-C (or termination); the result takes the callback away. */
  onInterrupt(callback: (signal: InterruptSignal) => void): () => void;
  readonly analyze: (request: AnalyzeRequest) => Promise<Analysis>;
  /** Our own capture reader, once more, for `verify`. */
  readonly readPackets: RecordReader;
  /** What writes sessions out again; loaded when it is asked for. */
  readonly takeaway: () => Promise<Takeaway>;
  readonly createFile: (path: string) => OutputFile;
  readonly openPager: OpenPager;
  /** Asks for a secret: on the terminal without showing it, else one line of standard input. */
  readonly askSecret: (question: string) => Promise<string>;
}

export function processIo(): Io {
  const out = targetOf(process.stdout);
  const { env } = process;
  return {
    out,
    err: targetOf(process.stderr),
    env,
    onInterrupt,
    analyze,
    readPackets,
    takeaway,
    createFile: createOutputFile,
    openPager: processPager(env, out),
    askSecret,
  };
}

function onInterrupt(callback: (signal: InterruptSignal) => void): () => void {
  const interrupt = (): void => callback('SIGINT');
  const terminate = (): void => callback('SIGTERM');
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', terminate);
  return () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', terminate);
  };
}

/** How a pipe or socket says that nobody reads it any more. */
const CLOSED = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** Octets of a write that are made in room that is used again; output comes in pieces that are little larger than 64 KB. */
const ROOM = 1 << 18;
/** Octets that a UTF-16 unit takes at most in UTF-8. */
const MOST_OCTETS = 3;

/** Octets of one text after the other, each good until the next is asked for. */
function encoder(): (text: string) => Uint8Array {
  let room: Buffer | null = null;
  return (text) => {
    if (text.length * MOST_OCTETS > ROOM) return Buffer.from(text);
    room ??= Buffer.allocUnsafeSlow(ROOM);
    return room.subarray(0, room.write(text));
  };
}

function targetOf(stream: NodeJS.WriteStream): TextTarget {
  const octetsOf = encoder();
  let writing = false;
  let failure: NodeJS.ErrnoException | null = null;
  const note = (error: NodeJS.ErrnoException): void => void (failure ??= error);
  // Without a listener a closed pipe would be an uncaught error; with it, it is how `| head` says that it has seen enough.
  stream.on('error', note);
  return {
    // Undefined where it is none, whatever the types say.
    isTerminal: (stream as Partial<NodeJS.WriteStream>).isTTY ?? false,
    columns: stream.isTTY ? stream.columns : null,
    rows: stream.isTTY ? stream.rows : null,
    write: (text) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          if (failure === null) resolve(true);
          else if (CLOSED.has(failure.code ?? '')) resolve(false);
          else reject(failure);
        };
        if (failure !== null) {
          settle();
          return;
        }
        const octets = writing ? text : octetsOf(text);
        writing = true;
        stream.write(octets, (error) => {
          writing = false;
          if (error) note(error);
          settle();
        });
      }),
  };
}
