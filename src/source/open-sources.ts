import { realpath } from 'node:fs/promises';
import { AnomalyCounter } from '../model/anomaly.ts';
import { shellWord } from '../model/shell-word.ts';
import type { Source, SourceReader } from '../model/source.ts';
import { detectContent, HEAD_OCTETS } from './detect.ts';
import type { Content } from './detect.ts';
import { vantagesOfExtract } from './extract-vantages.ts';
import { describeFailure, findFiles } from './find-files.ts';
import type { InputFailure } from './find-files.ts';
import { gunzip } from './gunzip.ts';
import { fileOrigin, pipeOrigin } from './origins.ts';
import type { Origin } from './origins.ts';
import { readHead } from './read-head.ts';

/** One input as typed: a file, a directory, a glob or `-`; `vantage` is the NAME of `--at NAME=FILE`, null for a bare input. */
interface InputArgument {
  readonly path: string;
  readonly vantage: string | null;
}

interface OpenOptions {
  /** What `-` stands for; the process's standard input unless given. */
  readonly stdin?: AsyncIterable<Uint8Array>;
}

interface OpenedSources {
  /** In the order of the arguments, files of a directory or glob sorted; `input` counts from 0. */
  readonly sources: readonly Source[];
  /** Arguments and files that could not be opened; they never keep the others from being read. */
  readonly failures: readonly InputFailure[];
}

interface Named {
  readonly path: string;
  readonly vantage: string | null;
}

/** Turns what the user named into sources: directories walked, globs expanded, every file looked into. Never rejects for bad input. */
export async function openSources(args: readonly InputArgument[], options: OpenOptions = {}): Promise<OpenedSources> {
  const failures: InputFailure[] = [];
  const named: Named[] = [];
  for (const { path, vantage } of args) {
    const found = path === '-' ? { files: ['-'], failures: [] } : await findFiles(path);
    named.push(...found.files.map((file) => ({ path: file, vantage })));
    failures.push(...found.failures);
  }
  const sources: Source[] = [];
  for (const { path, vantage } of await withoutRepeats(named)) {
    try {
      const origin = path === '-' ? await pipeOrigin(options.stdin ?? process.stdin) : await fileOrigin(path);
      sources.push(...(await describeSources(sources.length, path, vantage, origin)));
    } catch (error) {
      failures.push(describeFailure(path, error));
    }
  }
  return { sources, failures };
}

/** A file that is named twice (by itself and in its directory) is read once; the mention with a vantage point counts. */
async function withoutRepeats(named: readonly Named[]): Promise<Named[]> {
  const unique = new Map<string, Named>();
  for (const entry of named) {
    const key = entry.path === '-' ? '-' : await realpath(entry.path).catch(() => entry.path);
    const known = unique.get(key);
    if (!known || (known.vantage === null && entry.vantage !== null)) unique.set(key, entry);
  }
  return [...unique.values()];
}

/** gzip inside gzip happens (a packed rotation packed again by a ticket system); beyond this depth it is a bomb. */
const MAX_GZIP_DEPTH = 3;

/** gzip that gives nothing at all is not an empty file. */
const DAMAGED: Content = { kind: 'unsupported', format: 'damaged', advice: 'the packed octets are damaged from the start; copy the file again in binary mode' };

/** One source a file; an extract of several vantage points is as many, which share it. */
async function describeSources(input: number, path: string, vantage: string | null, origin: Origin): Promise<Source[]> {
  const anomalies = new AnomalyCounter();
  let depth = 0;
  let head = await readHead(origin.peek(), HEAD_OCTETS);
  let content = detectContent(head);
  while (content.format === 'gzip' && depth < MAX_GZIP_DEPTH) {
    depth++;
    const damage = new AnomalyCounter();
    head = await readHead(
      unpack(origin, () => origin.peek(), depth, damage),
      HEAD_OCTETS,
    );
    content = head.length === 0 && damage.list().length > 0 ? DAMAGED : detectContent(head);
  }
  if (content.kind === 'empty') anomalies.note('empty-file', 'offset 0');
  const describe = (at: number, name: string | null, only: string | null, counter: AnomalyCounter): Source => ({
    input: at,
    path,
    kind: content.kind,
    format: depth > 0 ? `${content.format} (gzip)` : content.format,
    get bytes() {
      return origin.octets();
    },
    vantage: content.kind === 'capture' ? (name ?? 'appliance') : null,
    advice: content.advice === null ? null : content.advice.replaceAll('FILE', () => shellWord(path)),
    anomalies: counter,
    ...(origin.once ? { once: true as const } : {}),
    ...(origin.reread && depth === 0 ? { reread: origin.reread } : {}),
    ...(only === null ? {} : { onlyInterface: only }),
    open: () => unpack(origin, () => origin.open(), depth, counter),
  });
  const points = content.kind === 'capture' && vantage === null && !origin.once ? vantagesOfExtract(head) : [];
  if (points.length === 0) return [describe(input, vantage, null, anomalies)];
  return points.map((point, index) => describe(input + index, point, point, new AnomalyCounter()));
}

function unpack({ once }: Origin, openPacked: () => SourceReader, depth: number, anomalies: AnomalyCounter): SourceReader {
  let open = openPacked;
  for (let i = 0; i < depth; i++) {
    const inner = open;
    open = () => gunzip(inner(), anomalies, once ? null : inner);
  }
  return open();
}
