import { EXIT_INTERRUPTED } from './exit-status.ts';
import { tuneEngine } from '../route/engine.ts';
import { main } from './main.ts';

/** The program as it is installed: runs the command line of this process and sets its exit status. */
export async function runProgram(): Promise<void> {
  tuneEngine();
  process.exitCode = await main();
  // A read from a pipe that was under way at Ctrl-C would keep the process alive until the pipe says something.
  if (process.exitCode === EXIT_INTERRUPTED) process.exit();
}
