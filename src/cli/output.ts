import { Turns } from '../model/turns.ts';
import type { TextTarget } from './io.ts';

/** Thrown when the reader of standard output has closed it (`| head`): the rest is not wanted, and that is success. */
export class OutputClosed extends Error {}

/** Thrown when standard output or a file takes no more for another reason, as a full disk. */
export class OutputFailed extends Error {
  readonly hint: string;

  constructor(message: string, hint = 'it is incomplete: make room, or write it elsewhere') {
    super(message);
    this.hint = hint;
  }
}

/** Smaller pieces are joined, so that a long document is not a million system calls. */
const CHUNK = 1 << 16;

/** Writes pieces as they come, at the speed of the reader. Throws `OutputClosed` or `OutputFailed`. */
export async function writeAll(target: TextTarget, pieces: Iterable<string>): Promise<void> {
  let held = '';
  const turns = new Turns();
  for (const piece of pieces) {
    held += piece;
    if (turns.isDue) await turns.giveWay();
    if (held.length < CHUNK) continue;
    await writeOne(target, held);
    held = '';
  }
  if (held !== '') await writeOne(target, held);
}

/** Standard error: where it takes nothing, the answer on standard output is worth as much as before. */
export async function tell(target: TextTarget, pieces: Iterable<string>): Promise<void> {
  try {
    await writeAll(target, pieces);
  } catch (error) {
    if (!(error instanceof OutputClosed) && !(error instanceof OutputFailed)) throw error;
  }
}

async function writeOne(target: TextTarget, text: string): Promise<void> {
  let isOpen: boolean;
  try {
    isOpen = await target.write(text);
  } catch (error) {
    throw new OutputFailed(error instanceof Error ? error.message : String(error));
  }
  if (!isOpen) throw new OutputClosed();
}
