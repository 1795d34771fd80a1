import type { Analysis, AnalyzeRequest } from '../model/analysis.ts';
import type { RecordReader } from '../verify/index.ts';
import { analyze, readPackets } from './route.ts';

/** Where text goes. `write` resolves when more may be written; to false once the reader has closed the pipe. */
export interface TextTarget {
  readonly isTerminal: boolean;
  /** Columns of the terminal; null where it is none. */
  readonly columns: number | null;
  write(text: string): Promise<boolean>;
}

/** Everything by which the program touches the world, so that tests can run `main` in process. */
export interface Io {
  readonly out: TextTarget;
  readonly err: TextTarget;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back on Ctrl-C (or termination); the result takes the callback away. */
  onInterrupt(callback: () => void): () => void;
  readonly analyze: (request: AnalyzeRequest) => Promise<Analysis>;
  /** Our own capture reader, once more, for `verify`. */
  readonly readPackets: RecordReader;
}

export function processIo(): Io {
  return { out: targetOf(process.stdout), err: targetOf(process.stderr), env: process.env, onInterrupt, analyze, readPackets };
}

function onInterrupt(callback: () => void): () => void {
  process.once('SIGINT', callback);
  process.once('SIGTERM', callback);
  return () => {
    process.off('SIGINT', callback);
    process.off('SIGTERM', callback);
  };
}

function targetOf(stream: NodeJS.WriteStream): TextTarget {
  let closed = false;
  // Without a listener a closed pipe would be an uncaught error; with it, it is how `| head` says that it has seen enough.
  stream.on('error', () => {
    closed = true;
  });
  return {
    isTerminal: stream.isTTY,
    columns: stream.isTTY ? stream.columns : null,
    write: (text) =>
      new Promise((resolve) => {
        if (closed) {
          resolve(false);
          return;
        }
        stream.write(text, (error) => {
          if (error) closed = true;
          resolve(!closed);
        });
      }),
  };
}
