import type { Analysis } from '../model/analysis.ts';
import { UserError } from '../model/user-error.ts';
import type { SessionComparison } from '../model/comparison.ts';
import type { Verification } from '../model/verification.ts';
import { type ColourMode, type TextStyle, paletteFor, renderPrompt, renderStory, wantsColour } from '../render/index.ts';
import { TOOL_VERSION } from '../version.ts';
import { verifyCitations } from '../verify/index.ts';
import {
  renderComparisons,
  renderConnections,
  renderDiagnosis,
  renderMessageList,
  renderTraced,
  renderTranscripts,
  renderVerification,
  sessionsToCompare,
} from './commands.ts';
import { completionFor } from './completion.ts';
import { findSamples } from './demo.ts';
import { explainFinding } from './explain.ts';
import { EXIT_DONE, EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_OUTPUT, exitStatusOf, exitStatusOfError } from './exit-status.ts';
import { EXTRACT_FILE, extractEvidence } from './extract.ts';
import { LESSON, LESSON_END } from './help.ts';
import type { Invocation } from './invocation.ts';
import { type Io, processIo } from './io.ts';
import { manualPage } from './manual.ts';
import { describeEmptiness, describeError, describeFailures, describeInputs, listUnknownLines } from './notices.ts';
import { OutputClosed, OutputFailed, tell, writeAll } from './output.ts';
import { writePaged } from './pager.ts';
import { type OtherCommand, parseCommandLine } from './program.ts';
import { refuseHopeless, refuseInputs, writeOutputFile } from './output-files.ts';
import { type ProgressLine, progressLine } from './progress.ts';
import { REPORT_FILE, writeReportPage } from './report-page.ts';
import { refuseBundle, shareBundle } from './share.ts';

/** Width for people where no terminal tells one. */
const PIPED_WIDTH = 120;
const NARROWEST = 60;
const WIDEST = 400;

/** Runs one command line (without program and script) and resolves to the exit status. Never rejects. */
export async function main(argv: readonly string[] = process.argv.slice(2), world: Io = processIo()): Promise<number> {
  const wantsStack = argv.includes('--debug');
  const abort = new AbortController();
  let isPaged = false;
  // Ctrl-C in a pager is said to the pager.
  const release = world.onInterrupt((signal) => {
    if (signal === 'SIGTERM' || !isPaged) abort.abort(new Error('interrupted'));
  });
  const io: Io = {
    ...world,
    openPager: async () => {
      const pager = await world.openPager();
      isPaged = pager !== null;
      return pager;
    },
  };
  try {
    if (argv.length === 0) {
      await writeAll(io.out, [LESSON, LESSON_END]);
      return EXIT_DONE;
    }
    const parsed = parseCommandLine(argv, TOOL_VERSION);
    if ('text' in parsed) {
      await writeAll(io.out, [parsed.text]);
      return EXIT_DONE;
    }
    if ('other' in parsed) {
      await writePaged(io.out, await answerOther(parsed, io, abort.signal), parsed.pager ? io.openPager : null);
      return EXIT_DONE;
    }
    return await run(parsed.invocation, io, abort.signal);
  } catch (error) {
    if (abort.signal.aborted) {
      await tell(io.err, ['whohungup: interrupted\n']);
      return EXIT_INTERRUPTED;
    }
    if (error instanceof OutputClosed) return EXIT_DONE;
    return await reportError(error, io, wantsStack);
  } finally {
    release();
  }
}

/** The answers of commands that read no inputs. */
async function answerOther({ other, argument, colour }: OtherCommand, io: Io, signal: AbortSignal): Promise<Iterable<string>> {
  if (other === 'explain') return explainFinding(argument, styleOf(colour, io));
  if (other === 'completion') return [completionFor(argument)];
  if (other === 'manual') return [manualPage(TOOL_VERSION)];
  return await demonstrate(argument, colour, io, signal);
}

/** Shipped incidents: the story, then what the commands of its README answer. */
async function demonstrate(name: string | null, colour: ColourMode, io: Io, signal: AbortSignal): Promise<string[]> {
  const style = styleOf(colour, io);
  const said: string[] = [];
  const own = { ...io, out: { ...io.out, write: (text: string) => Promise.resolve(said.push(text) > 0) } };
  for (const { title, story, commands } of findSamples(name)) {
    said.push(...renderStory(title, story, style));
    for (const { typed, argv } of commands) {
      said.push(...renderPrompt(typed, style));
      const parsed = parseCommandLine([...argv, '--no-pager', '--color', colour], TOOL_VERSION);
      if ('invocation' in parsed) await run(parsed.invocation, own, signal);
      said.push('\n');
    }
  }
  return said;
}

async function run(invocation: Invocation, world: Io, signal: AbortSignal): Promise<number> {
  const progress = progressLine(world.err, invocation.output.quiet);
  const io = withoutProgress(world, progress.clear);
  try {
    return await answer(invocation, io, progress, signal);
  } finally {
    progress.clear();
  }
}

/** On a terminal the line of progress goes before anything is written to it. */
function withoutProgress(io: Io, clear: () => void): Io {
  if (!io.out.isTerminal) return io;
  const write = (text: string): Promise<boolean> => {
    clear();
    return io.out.write(text);
  };
  const openPager = (): ReturnType<Io['openPager']> => {
    clear();
    return io.openPager();
  };
  return { ...io, out: { ...io.out, write }, openPager };
}

async function answer(invocation: Invocation, io: Io, progress: ProgressLine, signal: AbortSignal): Promise<number> {
  const { output, keys } = invocation;
  refuseOutput(invocation);
  const staysClosed = invocation.command === 'extract' || invocation.command === 'share';
  const askPassword = keys.asksPassword ? () => io.askSecret('password of the RSA key: ') : null;
  const request = { ...invocation.request, keys: staysClosed ? null : { keyLogs: keys.keyLogs, rsaKeys: keys.rsaKeys, askPassword } };
  let analysis: Analysis;
  const done = new AbortController();
  try {
    analysis = await Promise.race([
      io.analyze({ ...request, onProgress: progress.read, onJudged: progress.judged, signal }),
      rejectAfterGrace(signal, done.signal),
    ]);
  } finally {
    done.abort();
    progress.clear();
  }
  await tell(io.err, [describeFailures(analysis), describeInputs(analysis, invocation)]);
  const verification = invocation.command === 'verify' ? await verifyCitations(analysis.report, analysis.sources, io.readPackets) : null;
  const comparisons = invocation.command === 'compare' ? await analysis.compare(sessionsToCompare(analysis, invocation)) : null;
  const cut = signal.aborted;
  const status = cut ? EXIT_INTERRUPTED : exitStatusOf(analysis, output.exitCode, (verification?.packets.different ?? 0) > 0);
  if (analysis.anyReadable || output.format !== 'text') {
    const written = await writeTakeaway(analysis, invocation, io);
    const pieces = written ?? piecesOf(invocation, analysis, verification ?? comparisons, styleFor(invocation, io), status);
    await deliver(cut ? pieces : untilAborted(pieces, signal), invocation, analysis, io);
    if (!output.quiet) await tell(io.err, [describeEmptiness(analysis, invocation)]);
    if (output.unknownLines) await (output.format === 'text' ? writeAll(io.out, listUnknownLines(analysis)) : tell(io.err, listUnknownLines(analysis)));
  }
  signal.throwIfAborted();
  return status;
}

/** Whoever waits for a large capture is told at once where the answer could not be written. */
function refuseOutput({ command, output: { file, format } }: Invocation): void {
  if (command === 'share') refuseBundle(file);
  else {
    const path = file ?? (command === 'extract' ? EXTRACT_FILE : isPage(command, format) ? REPORT_FILE : '-');
    if (path !== '-') refuseHopeless(path);
  }
}

/** To standard output, or to the file that was named. What a command that writes its own file says goes to standard output. */
async function deliver(pieces: Iterable<string>, { command, output }: Invocation, analysis: Analysis, io: Io): Promise<void> {
  const ownFile = command === 'extract' || command === 'share' || isPage(command, output.format);
  if (ownFile || output.file === null || output.file === '-') {
    await writePaged(io.out, pieces, output.pager && output.format === 'text' ? io.openPager : null);
    return;
  }
  refuseInputs(
    [output.file],
    analysis.sources.map((source) => source.path),
  );
  writeOutputFile(output.file, pieces, io.createFile);
}

function isPage(command: Invocation['command'], format: Invocation['output']['format']): boolean {
  return format === 'html' && (command === 'report' || command === 'diagnose');
}

/** Commands that write files: what they say on standard output. Null for the others. */
async function writeTakeaway(analysis: Analysis, invocation: Invocation, io: Io): Promise<Iterable<string> | null> {
  if (invocation.command === 'extract') return await extractEvidence(analysis, invocation, io);
  if (invocation.command === 'share') return await shareBundle(analysis, invocation, io);
  if (isPage(invocation.command, invocation.output.format)) return await writeReportPage(analysis, invocation, io);
  return null;
}

/** After an interruption the analysis is given this long to tell what it knows. */
const GRACE_MS = 2_000;

/** Never waits for a read that may not come back. `done`: nobody waits any more. */
function rejectAfterGrace(signal: AbortSignal, done: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const rejectLater = (): void => void setTimeout(() => reject(new Error('interrupted')), GRACE_MS);
    signal.addEventListener('abort', rejectLater, { once: true, signal: done });
  });
}

/** An interruption while the answer is written ends it. */
function* untilAborted(pieces: Iterable<string>, signal: AbortSignal): Generator<string> {
  for (const piece of pieces) {
    signal.throwIfAborted();
    yield piece;
  }
}

function piecesOf(
  invocation: Invocation,
  analysis: Analysis,
  extra: Verification | readonly SessionComparison[] | null,
  style: TextStyle,
  status: number,
): Iterable<string> {
  if (extra && 'verdicts' in extra) return renderVerification(analysis, extra, invocation, style, status);
  if (extra) return renderComparisons(analysis, extra, invocation, style, status);
  if (invocation.command === 'transcript') return renderTranscripts(analysis, invocation, style, status);
  if (invocation.command === 'trace') return renderTraced(analysis, invocation, style, status);
  if (invocation.command === 'messages') return renderMessageList(analysis, invocation, style, status);
  if (invocation.command === 'connections') return renderConnections(analysis, invocation, style, status);
  return renderDiagnosis(analysis, invocation, style, status);
}

/** The terminal's width; else COLUMNS, else a fixed width, so that a piped report looks the same everywhere. */
function styleOf(colour: ColourMode, { out, env }: Io): TextStyle {
  const named = Number(env['COLUMNS'] ?? '');
  const width = out.columns ?? (Number.isInteger(named) && named > 0 ? named : PIPED_WIDTH);
  return { width: Math.min(WIDEST, Math.max(NARROWEST, width)), palette: paletteFor(wantsColour(colour, env, out.isTerminal)) };
}

/** A file gets no colours unless they are asked for, and the width of a pipe. */
function styleFor({ output }: Invocation, io: Io): TextStyle {
  if (output.file === null || output.file === '-') return styleOf(output.colour, io);
  return styleOf(output.colour === 'always' ? 'always' : 'never', { ...io, out: { ...io.out, isTerminal: false, columns: null } });
}

async function reportError(error: unknown, io: Io, wantsStack: boolean): Promise<number> {
  const stack = wantsStack && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  if (error instanceof UserError) {
    await tell(io.err, [describeError(error) + stack]);
    return exitStatusOfError(error);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof OutputFailed) {
    const failed = new UserError('unreadable', `the output could not be written: ${message}`, error.hint);
    await tell(io.err, [describeError(failed) + stack]);
    return EXIT_OUTPUT;
  }
  const hint = wantsStack ? null : 'run it again with --debug and send the output to the authors';
  await tell(io.err, [describeError(new UserError('unreadable', `internal error: ${message}`, hint)) + stack]);
  return EXIT_INTERNAL;
}
