import { UserError } from '../model/user-error.ts';

/** Passwords are not longer. */
const LONGEST = 1024;
const CTRL_C = 3;
const CTRL_D = 4;
const BACKSPACE = new Set([8, 127]);
const LINE_END = new Set([10, 13]);

/** Asks for a secret: on the terminal without showing it, else one line of standard input. */
export function askSecret(question: string): Promise<string> {
  const { stdin } = process;
  const isTerminal = stdin.isTTY;
  // What is typed as soon as the question stands there must not be shown, either.
  if (isTerminal) {
    stdin.setRawMode(true);
    process.stderr.write(question);
  }
  return new Promise((resolve, reject) => {
    const octets: number[] = [];
    const leave = (): void => {
      stdin.off('data', hear);
      stdin.off('end', end);
      if (isTerminal) {
        stdin.setRawMode(false);
        process.stderr.write('\n');
      }
      stdin.pause();
    };
    const end = (): void => {
      leave();
      resolve(Buffer.from(octets).toString('utf8'));
    };
    const hear = (chunk: Buffer): void => {
      for (const octet of chunk) {
        if (LINE_END.has(octet) || (isTerminal && octet === CTRL_D)) return end();
        if (isTerminal && octet === CTRL_C) {
          leave();
          reject(new UserError('usage', 'no password was given'));
          return;
        }
        if (isTerminal && BACKSPACE.has(octet)) octets.pop();
        else if (octets.length < LONGEST) octets.push(octet);
      }
    };
    stdin.on('data', hear);
    stdin.once('end', end);
    stdin.resume();
  });
}
