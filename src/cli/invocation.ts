import type { AnalyzeInput, AnalyzeRequest } from '../model/analysis.ts';
import { LISTED_ROWS, RECIPIENT_OUTCOMES, type RecipientOutcome } from '../model/report.ts';
import { INBOUND_TIMEOUT_SECONDS, type KeySources, TOTAL_TIME_LIMIT_SECONDS } from '../model/settings.ts';
import { UserError } from '../model/user-error.ts';
import type { ColourMode } from '../render/index.ts';
import {
  type TimeValue,
  readAddress,
  readBlock,
  readId,
  readLastTime,
  readOffset,
  readPorts,
  readSeconds,
  readThreads,
  readTime,
  readVantage,
  readZone,
} from './values.ts';

export type CommandName = 'diagnose' | 'transcript' | 'trace' | 'messages' | 'connections' | 'compare' | 'verify' | 'extract' | 'report' | 'share';

/** Forms of the answer; only `diagnose` has all of them. */
export const FORMATS = ['text', 'json', 'ndjson', 'md', 'csv', 'html'] as const;
export type Format = (typeof FORMATS)[number];

interface OutputSettings {
  readonly format: Format;
  readonly colour: ColourMode;
  readonly quiet: boolean;
  readonly all: boolean;
  readonly unknownLines: boolean;
  readonly debug: boolean;
  /** Exit 1 where harm was found. */
  readonly exitCode: boolean;
  /** `transcript` only. */
  readonly withVerdict: boolean;
  /** `-o`: where the answer goes; null for standard output, or for the name that the command gives. */
  readonly file: string | null;
  /** `extract` only: every octet is kept. */
  readonly raw: boolean;
  /** Long text may be handed to a pager. */
  readonly pager: boolean;
}

/** What the command line asks for, checked and complete. */
export interface Invocation {
  readonly command: CommandName;
  readonly request: Omit<AnalyzeRequest, 'onProgress' | 'signal' | 'keys'>;
  readonly output: OutputSettings;
  /** What TLS may be opened with; `asksPassword`: that of an RSA key may be asked for. */
  readonly keys: Pick<KeySources, 'keyLogs' | 'rsaKeys'> & { readonly asksPassword: boolean };
  /** Something was selected: an empty answer is then told as such. */
  readonly selects: boolean;
}

/** Options as commander collects them: lists of texts for what may be repeated. */
export interface RawOptions {
  readonly icid?: readonly string[];
  readonly dcid?: readonly string[];
  readonly mid?: readonly string[];
  readonly client?: readonly string[];
  readonly sender?: readonly string[];
  readonly recipient?: readonly string[];
  readonly subject?: readonly string[];
  readonly messageId?: readonly string[];
  readonly serial?: readonly string[];
  readonly stream?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly exact?: boolean;
  readonly aborted?: boolean;
  readonly quarantined?: boolean;
  readonly undelivered?: boolean;
  readonly at?: readonly string[];
  readonly appliance?: readonly string[];
  readonly balancer?: readonly string[];
  readonly port?: readonly string[];
  readonly keylog?: readonly string[];
  readonly rsaKey?: readonly string[];
  readonly rsaKeyPassword?: boolean;
  readonly logTz?: string;
  readonly clockOffset?: string;
  readonly inboundTimeout?: string;
  readonly totalTimeLimit?: string;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly ndjson?: boolean;
  readonly csv?: boolean;
  readonly format?: Format;
  readonly color?: string;
  readonly threads?: string;
  readonly quiet?: boolean;
  readonly unknownLines?: boolean;
  readonly debug?: boolean;
  readonly exitCode?: boolean;
  readonly withVerdict?: boolean;
  readonly output?: string;
  readonly raw?: boolean;
  readonly pager?: boolean;
}

/** Checks every value. Throws a `UserError` with an example for the first that is wrong. */
export function readInvocation(command: CommandName, inputs: readonly string[], raw: RawOptions): Invocation {
  const since = raw.since === undefined ? null : readTime('--since', raw.since);
  const until = raw.until === undefined ? null : readLastTime('--until', raw.until);
  if (isLater(since, until))
    throw new UserError('usage', `--since ${raw.since} is later than --until ${raw.until}`, 'no time is between them: were they exchanged?');
  const selection = {
    icid: (raw.icid ?? []).map((text) => readId('--icid', text)),
    dcid: (raw.dcid ?? []).map((text) => readId('--dcid', text)),
    mid: (raw.mid ?? []).map((text) => readId('--mid', text)),
    client: (raw.client ?? []).map((text) => readBlock('--client', text)),
    sender: raw.sender ?? [],
    recipient: raw.recipient ?? [],
    subject: raw.subject ?? [],
    messageId: raw.messageId ?? [],
    serial: raw.serial ?? [],
    stream: (raw.stream ?? []).map((text) => readId('--stream', text)),
    since: instantOf(since),
    until: instantOf(until),
    exact: raw.exact === true,
    outcomes: outcomesOf(raw),
  };
  if (command === 'compare' && (raw.at ?? []).length === 0) {
    throw new UserError('usage', 'compare needs captures of two points', 'name the second one: whohungup compare appliance.pcap --at client=client.pcap');
  }
  const keys = { keyLogs: raw.keylog ?? [], rsaKeys: raw.rsaKey ?? [], asksPassword: readPasswordWish(inputs, raw) };
  const request = {
    inputs: readInputs(inputs, raw.at ?? []),
    site: {
      applianceAddresses: (raw.appliance ?? []).map((text) => readAddress('--appliance', text)),
      balancers: (raw.balancer ?? []).map((text) => readBlock('--balancer', text)),
      ports: (raw.port ?? []).flatMap((text) => readPorts('--port', text)),
      logTimeZone: raw.logTz === undefined ? null : readZone('--log-tz', raw.logTz),
      clockOffsetSeconds: raw.clockOffset === undefined ? null : readOffset('--clock-offset', raw.clockOffset),
      inboundTimeoutSeconds: raw.inboundTimeout === undefined ? INBOUND_TIMEOUT_SECONDS : readSeconds('--inbound-timeout', raw.inboundTimeout),
      inboundTimeoutGiven: raw.inboundTimeout !== undefined,
      totalTimeLimitSeconds: raw.totalTimeLimit === undefined ? TOTAL_TIME_LIMIT_SECONDS : readSeconds('--total-time-limit', raw.totalTimeLimit),
    },
    selection,
    subject: SUBJECTS[command],
    ...(command === 'messages' && raw.json !== true && raw.ndjson !== true ? { rows: LISTED_ROWS } : {}),
    ...(raw.threads === undefined ? {} : { threads: readThreads('--threads', raw.threads) }),
    sinceLocal: localOf(since),
    untilLocal: localOf(until),
  };
  const selects = since !== null || until !== null || Object.values(selection).some((values) => Array.isArray(values) && values.length > 0);
  return { command, request, output: readOutput(command, raw), keys, selects };
}

const SUBJECTS: Readonly<Record<CommandName, NonNullable<AnalyzeRequest['subject']>>> = {
  diagnose: 'sessions',
  transcript: 'sessions',
  verify: 'sessions',
  trace: 'one-message',
  messages: 'messages',
  connections: 'connections',
  compare: 'sessions',
  extract: 'sessions',
  report: 'sessions',
  share: 'sessions',
};

/** Each option is an alternative. */
function outcomesOf(raw: RawOptions): RecipientOutcome[] {
  const asked = new Set<RecipientOutcome>();
  if (raw.aborted) asked.add('aborted');
  if (raw.quarantined) asked.add('quarantined');
  if (raw.undelivered) for (const outcome of RECIPIENT_OUTCOMES) if (outcome !== 'delivered') asked.add(outcome);
  return [...asked];
}

function readPasswordWish(inputs: readonly string[], raw: RawOptions): boolean {
  if (raw.rsaKeyPassword !== true) return false;
  if ((raw.rsaKey ?? []).length === 0)
    throw new UserError('usage', '--rsa-key-password: no key is named', 'for example: --rsa-key server.key --rsa-key-password');
  if (inputs.includes('-')) throw new UserError('usage', '--rsa-key-password: standard input holds a capture or a log already', 'name that file instead of -');
  return true;
}

function readInputs(paths: readonly string[], vantages: readonly string[]): AnalyzeInput[] {
  if (paths.includes('')) throw new UserError('usage', 'the name of an input is empty', 'is a variable of the shell not set?');
  const inputs = [...paths.map((path) => ({ path, vantage: null })), ...vantages.map((text) => readVantage('--at', text))];
  if (inputs.length === 0) throw new UserError('usage', 'no input given', 'name a capture and its logs: whohungup capture.pcap mail_logs');
  return inputs;
}

const FORMAT_OF_ENDING: Readonly<Record<string, Format>> = {
  txt: 'text',
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  md: 'md',
  csv: 'csv',
  html: 'html',
  htm: 'html',
};
/** Endings of what `whohungup` cannot write, or that another command writes: whoever asks for one would be given text under a wrong name. */
const OTHER_ENDINGS = /^(?:pdf|docx?|odt|xlsx?|ods|xml|png|svg|zip|gz|pcap|pcapng|cap)$/;
/** Forms that are made of verdicts, not of what other commands tell. */
const OF_VERDICTS: readonly Format[] = ['md', 'csv', 'html'];

/** What is asked for by option, else by the ending of the file. `extract` and `share` have forms of their own, and so has `report` unless told otherwise. */
function readFormat(command: CommandName, raw: RawOptions): Format {
  if (command === 'extract' || command === 'share') return 'text';
  const asked = raw.format ?? (raw.json ? 'json' : raw.ndjson ? 'ndjson' : raw.csv ? 'csv' : null);
  const ending = /\.([a-z]+)$/i.exec(raw.output ?? '')?.[1]?.toLowerCase() ?? '';
  if (asked === null && OTHER_ENDINGS.test(ending)) {
    const hint = ending.includes('cap')
      ? 'packets are written by whohungup extract'
      : 'endings that tell a form: .md .csv .html .json .ndjson .txt; or say --format';
    throw new UserError('usage', `${raw.output} would be no .${ending} file`, hint);
  }
  const format = asked ?? FORMAT_OF_ENDING[ending] ?? (command === 'report' ? 'html' : 'text');
  const isOfVerdicts = command === 'diagnose' || command === 'report';
  if (isOfVerdicts || !OF_VERDICTS.includes(format)) return format;
  throw new UserError(
    'usage',
    `${command} has no form ${format}`,
    `forms of ${command}: text, json, ndjson; the verdicts have it: whohungup INPUT... --format ${format}`,
  );
}

/** Commands that write several files, none of which can be standard output. */
const MANY_FILES: readonly CommandName[] = ['extract', 'share'];

function readOutput(command: CommandName, raw: RawOptions): OutputSettings {
  if (raw.output === '-' && MANY_FILES.includes(command))
    throw new UserError('usage', `${command} writes more than one file, not standard output`, `name one: whohungup ${command} INPUT... -o NAME`);
  return {
    format: readFormat(command, raw),
    colour: raw.color === 'always' || raw.color === 'never' ? raw.color : 'auto',
    quiet: raw.quiet === true,
    all: raw.all === true,
    unknownLines: raw.unknownLines === true,
    debug: raw.debug === true,
    exitCode: raw.exitCode === true,
    withVerdict: raw.withVerdict === true,
    file: raw.output ?? null,
    raw: raw.raw === true,
    pager: raw.pager !== false,
  };
}

/** Whether no time can be in between; a time with a zone and one without cannot be compared before the log's zone is known. */
function isLater(since: TimeValue | null, until: TimeValue | null): boolean {
  const [from, to] = [instantOf(since), instantOf(until)];
  if (from !== null && to !== null) return from > to;
  const [fromLocal, toLocal] = [localOf(since), localOf(until)];
  return fromLocal !== null && toLocal !== null && fromLocal > toLocal;
}

function instantOf(time: TimeValue | null): number | null {
  return time && 'instantUs' in time ? time.instantUs : null;
}

function localOf(time: TimeValue | null): number | null {
  return time && 'localUs' in time ? time.localUs : null;
}
