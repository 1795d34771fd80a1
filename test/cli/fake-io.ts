import type { Analysis, AnalyzeRequest } from '../../src/model/analysis.ts';
import { main } from '../../src/cli/main.ts';
import { takeaway } from '../../src/cli/route.ts';
import type { Io, TextTarget } from '../../src/cli/io.ts';
import { sampleAnalysis } from '../render/sample-report.ts';

export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** What the analysis was asked for. */
  readonly request: AnalyzeRequest | null;
  /** What was written, by path. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export interface Setting {
  readonly analyze?: (request: AnalyzeRequest) => Promise<Analysis>;
  readonly analysis?: Partial<Analysis>;
  readonly env?: Record<string, string>;
  readonly outIsTerminal?: boolean;
  readonly errIsTerminal?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** What is shown in the pager is marked as such. */
  readonly pager?: boolean;
  /** The reader of standard output leaves after so many writes. */
  readonly closesAfter?: number;
  /** What the disk says to every write on standard output, and on standard error. */
  readonly outFails?: string;
  readonly errFails?: string;
  /** What is answered to the question for a password. */
  readonly secret?: string;
  /** Ctrl-C as soon as the analysis runs. */
  readonly interrupts?: boolean;
  /** A signal while the pager shows something. */
  readonly pagerGets?: 'SIGINT' | 'SIGTERM';
}

/** Runs one command line in process against an analysis that is made up. */
export async function runCli(argv: readonly string[], setting: Setting = {}): Promise<Outcome> {
  let request: AnalyzeRequest | null = null;
  let interrupt: Parameters<Io['onInterrupt']>[0] | null = null;
  const written = { out: '', err: '' };
  let writes = 0;
  const files = new Map<string, Buffer>();
  const target = (name: 'out' | 'err', isTerminal: boolean): TextTarget => ({
    isTerminal,
    columns: isTerminal ? (setting.columns ?? 120) : null,
    rows: isTerminal ? (setting.rows ?? 1000) : null,
    write: (text) => {
      const fails = name === 'out' ? setting.outFails : setting.errFails;
      if (fails !== undefined) return Promise.reject(new Error(fails));
      if (name === 'out' && writes++ >= (setting.closesAfter ?? Number.POSITIVE_INFINITY)) return Promise.resolve(false);
      written[name] += text;
      return Promise.resolve(true);
    },
  });
  const io: Io = {
    out: target('out', setting.outIsTerminal ?? false),
    err: target('err', setting.errIsTerminal ?? false),
    env: setting.env ?? {},
    onInterrupt: (callback) => {
      interrupt = callback;
      return () => undefined;
    },
    analyze: async (asked) => {
      request = asked;
      if (setting.interrupts) interrupt?.('SIGINT');
      if (!setting.analyze) asked.signal?.throwIfAborted();
      return setting.analyze ? await setting.analyze(asked) : sampleAnalysis(setting.analysis ?? {});
    },
    readPackets: () => Promise.resolve(),
    takeaway,
    openPager: () => {
      if (!setting.pager) return Promise.resolve(null);
      written.out += '[pager]';
      const paged = target('out', true);
      const write: TextTarget['write'] = (text) => {
        if (setting.pagerGets) interrupt?.(setting.pagerGets);
        return paged.write(text);
      };
      return Promise.resolve({ target: { ...paged, write }, close: () => Promise.resolve(void (written.out += '[/pager]')) });
    },
    askSecret: () => Promise.resolve(setting.secret ?? ''),
    createFile: (path) => {
      let octets = Buffer.alloc(0);
      return { write: (piece) => void (octets = Buffer.concat([octets, piece])), close: () => void files.set(path, octets), drop: () => undefined };
    },
  };
  const status = await main(argv, io);
  return { status, ...written, request, files };
}
