import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { TextTarget } from './io.ts';
import { writeAll } from './output.ts';

/** A program that shows long text page by page. */
export interface Pager {
  readonly target: TextTarget;
  /** Resolves when the reader has left it. */
  close(): Promise<void>;
}

/** What opens one; null where there is none, or it cannot be started. */
export type OpenPager = () => Promise<Pager | null>;

/** Writes pieces to the terminal, by a pager if they are longer than it; what is no terminal gets them as they come. */
export async function writePaged(target: TextTarget, pieces: Iterable<string>, open: OpenPager | null): Promise<void> {
  if (!target.isTerminal || target.rows === null || open === null) {
    await writeAll(target, pieces);
    return;
  }
  const iterator = pieces[Symbol.iterator]();
  const held: string[] = [];
  let lines = 0;
  let next = iterator.next();
  for (; !next.done && lines < target.rows; next = iterator.next()) {
    held.push(next.value);
    lines += next.value.split('\n').length - 1;
  }
  const rest = { [Symbol.iterator]: () => iterator };
  const first = next.done ? held : [...held, next.value];
  const pager = lines < target.rows ? null : await open();
  try {
    await writeAll(pager?.target ?? target, chain(first, next.done ? [] : rest));
  } finally {
    await pager?.close();
  }
}

function* chain(first: Iterable<string>, second: Iterable<string>): Generator<string> {
  yield* first;
  yield* second;
}

/** PAGER, else less; `cat` and the empty word mean none. Windows has none that keeps colours. */
export function processPager(env: Readonly<Record<string, string | undefined>>, target: TextTarget): OpenPager {
  return () =>
    new Promise((resolve) => {
      const named = env['PAGER'] ?? (process.platform === 'win32' ? '' : 'less');
      const [program = '', ...options] = named.trim().split(/\s+/);
      if (program === '' || program === 'cat') {
        resolve(null);
        return;
      }
      // -F leaves at once where all fits, -R shows colours, -X keeps the text on the screen.
      const child = spawn(program, options, { stdio: ['pipe', 'inherit', 'inherit'], env: { ...env, LESS: env['LESS'] ?? 'FRX' } });
      child.once('error', () => resolve(null));
      child.once('spawn', () => {
        // Ctrl-C reaches the whole foreground: the pager knows what to do with it, and must not be left alone at the terminal.
        process.on('SIGINT', leaveToPager);
        const ended = new Promise<void>((end) =>
          child.once('close', () => {
            process.off('SIGINT', leaveToPager);
            end();
          }),
        );
        resolve({
          target: { ...target, write: writerOf(child.stdin) },
          close: async () => {
            child.stdin.end();
            await ended;
          },
        });
      });
    });
}

function leaveToPager(): void {
  // Nothing to do here.
}

/** False once the reader has left. */
function writerOf(stream: Writable): TextTarget['write'] {
  let isOpen = true;
  stream.on('error', () => void (isOpen = false));
  return (text) =>
    new Promise((resolve) => {
      if (!isOpen) resolve(false);
      else stream.write(text, (error) => resolve(!error));
    });
}
