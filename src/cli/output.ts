import type { TextTarget } from './io.ts';

/** Thrown when the reader of standard output has closed it (`| head`): the rest is not wanted, and that is success. */
export class OutputClosed extends Error {}

/** Smaller pieces are joined, so that a long document is not a million system calls. */
const CHUNK = 1 << 16;

/** Writes pieces as they come, at the speed of the reader. Throws `OutputClosed`. */
export async function writeAll(target: TextTarget, pieces: Iterable<string>): Promise<void> {
  let held = '';
  for (const piece of pieces) {
    held += piece;
    if (held.length < CHUNK) continue;
    await writeOne(target, held);
    held = '';
  }
  if (held !== '') await writeOne(target, held);
}

async function writeOne(target: TextTarget, text: string): Promise<void> {
  if (!(await target.write(text))) throw new OutputClosed();
}
