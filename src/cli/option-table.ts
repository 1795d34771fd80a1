import { type CommandName, FORMATS } from './invocation.ts';

/** Commands that read inputs; `diagnose` is meant where none is named. */
export const COMMANDS: readonly { readonly name: CommandName; readonly summary: string; readonly example: string }[] = [
  {
    name: 'diagnose',
    summary: 'who ended each session, how sure that is, and which packets and log lines show it (the default)',
    example: 'whohungup capture.pcap mail_logs --client 198.51.100.0/24 --since 2026-11-21T17:00',
  },
  {
    name: 'transcript',
    summary: 'sessions side by side: client | packets | appliance | log',
    example: 'whohungup transcript capture.pcap mail_logs --icid 10293 --with-verdict',
  },
  {
    name: 'trace',
    summary: "a message's way: injection, scanning, quarantine, release, delivery, the receiver's response",
    example: 'whohungup trace mail_logs euq_logs --mid 1357',
  },
  { name: 'messages', summary: 'all messages of the logs with what became of them', example: 'whohungup messages mail_logs --undelivered' },
  { name: 'connections', summary: 'all injection and delivery connections with how they ended by the log', example: 'whohungup connections mail_logs --json' },
  {
    name: 'compare',
    summary: 'two or more capture points: what the path between them did to the packets',
    example: 'whohungup compare appliance.pcap mail_logs --at client=client.pcap',
  },
  {
    name: 'report',
    summary: 'one page for a browser: verdicts, sequence diagrams, transcripts, an overview of many sessions',
    example: 'whohungup report capture.pcap mail_logs -o incident.html',
  },
  {
    name: 'extract',
    summary: 'the packets and log lines of sessions as an annotated capture for Wireshark',
    example: 'whohungup extract capture.pcap mail_logs --icid 10293 -o evidence.pcapng',
  },
  {
    name: 'share',
    summary: 'the same without names: addresses, mailboxes, domains and subjects replaced, bodies and credentials cut, verdict kept',
    example: 'whohungup share capture.pcap mail_logs --icid 10293 -o bundle',
  },
  {
    name: 'verify',
    summary: 'read the packets that the verdicts cite again with a second, independent reader',
    example: 'whohungup verify capture.pcap mail_logs',
  },
];

export const SELECT = 'Select what is shown (different options must all hold, repeats are alternatives):';
export const SITE = 'Facts about the site (each found out where not given):';
export const OUTPUT = 'Output:';

export interface OptionRow {
  readonly flags: string;
  readonly says: string;
  readonly group: string;
  /** May be given several times. */
  readonly many?: true;
  /** Commands that know it; every one where it is absent. */
  readonly only?: readonly CommandName[];
  /** Commands that do not. */
  readonly not?: readonly CommandName[];
  readonly choices?: readonly string[];
  readonly conflicts?: readonly string[];
}

/** What these write is handed on: TLS stays closed, and keys that a capture holds are left out. */
const OPENS_NOTHING: readonly CommandName[] = ['extract', 'share'];

/** Every option, in the order of the help. */
export const OPTIONS: readonly OptionRow[] = [
  { flags: '--icid <n>', says: 'injection connection', group: SELECT, many: true },
  { flags: '--dcid <n>', says: 'delivery connection', group: SELECT, many: true },
  { flags: '--mid <n>', says: 'message', group: SELECT, many: true },
  { flags: '--client <addr|cidr>', says: 'address of the client', group: SELECT, many: true },
  { flags: '--sender <address>', says: 'envelope sender, or a part of it', group: SELECT, many: true },
  { flags: '--recipient <address>', says: 'envelope recipient, or a part of it', group: SELECT, many: true },
  { flags: '--subject <text>', says: 'part of the subject', group: SELECT, many: true },
  { flags: '--message-id <id>', says: 'Message-ID', group: SELECT, many: true },
  { flags: '--serial <sn>', says: 'serial number of the appliance', group: SELECT, many: true },
  { flags: '--stream <n>', says: 'TCP stream, counted from 0', group: SELECT, many: true },
  { flags: '--since <time>', says: "from this time on (ISO 8601, 2026-11-21 or 2026-11-21T17:54; without a zone: the log's local time)", group: SELECT },
  { flags: '--until <time>', says: 'up to this time; a date without a time includes that day', group: SELECT },
  { flags: '--exact', says: 'texts must be equal, not contained (case never matters)', group: SELECT },
  { flags: '--aborted', says: 'messages whose reception was aborted', group: SELECT, only: ['trace', 'messages'] },
  { flags: '--quarantined', says: 'messages that lie in a quarantine', group: SELECT, only: ['trace', 'messages'] },
  { flags: '--undelivered', says: 'messages that some recipient did not get', group: SELECT, only: ['trace', 'messages'] },
  { flags: '--at <name=file>', says: 'a capture from another point: client, outside, inside, or any name', group: SITE, many: true },
  { flags: '--appliance <addr>', says: 'address of the appliance', group: SITE, many: true },
  { flags: '--balancer <addr|cidr>', says: 'address that speaks for many clients', group: SITE, many: true },
  { flags: '--port <n[,n]>', says: 'further ports on which mail is spoken', group: SITE, many: true },
  { flags: '--keylog <file>', says: 'TLS secrets of sessions, as an NSS key log (SSLKEYLOGFILE)', group: SITE, many: true, not: OPENS_NOTHING },
  { flags: '--rsa-key <file>', says: 'private RSA key of a server, for TLS sessions without forward secrecy', group: SITE, many: true, not: OPENS_NOTHING },
  { flags: '--rsa-key-password', says: 'ask for the password of that key (without a terminal: one line of standard input)', group: SITE, not: OPENS_NOTHING },
  { flags: '--log-tz <zone>', says: 'time zone of the logs: Europe/Berlin, +01:00', group: SITE },
  { flags: '--clock-offset <seconds>', says: "the log's clock minus the capture's", group: SITE },
  { flags: '--inbound-timeout <seconds>', says: "the listener's timeout for unsuccessful connections (300)", group: SITE },
  { flags: '--total-time-limit <seconds>', says: "the listener's total time limit (900)", group: SITE },
  { flags: '--all', says: 'also show sessions that ended well', group: OUTPUT },
  { flags: '--with-verdict', says: 'the verdict above each transcript', group: OUTPUT, only: ['transcript'] },
  { flags: '-o, --output <file>', says: 'file to write (evidence.pcapng; its log lines go to evidence.log)', group: OUTPUT, only: ['extract'] },
  { flags: '-o, --output <file>', says: 'file to write (incident.html), or - for standard output', group: OUTPUT, only: ['report'] },
  {
    flags: '-o, --output <file>',
    says: 'write to a file; its ending tells the form: .md .csv .html .json .ndjson .txt',
    group: OUTPUT,
    not: ['extract', 'report', 'share'],
  },
  { flags: '-o, --output <folder>', says: 'folder to make (bundle); the key, which stays here, goes to bundle-key.json', group: OUTPUT, only: ['share'] },
  { flags: '--raw', says: 'keep message bodies and credentials (never keys of TLS that a capture holds)', group: OUTPUT, only: ['extract'] },
  { flags: '--format <form>', says: 'form of the answer', group: OUTPUT, choices: FORMATS, not: ['extract', 'share'] },
  { flags: '--json', says: 'one JSON document', group: OUTPUT, conflicts: ['ndjson', 'csv', 'format'], not: ['extract', 'report', 'share'] },
  { flags: '--ndjson', says: 'one JSON record a line', group: OUTPUT, conflicts: ['csv', 'format'], not: ['extract', 'report', 'share'] },
  { flags: '--csv', says: 'the list of sessions for a spreadsheet', group: OUTPUT, conflicts: ['format'], only: ['diagnose'] },
  { flags: '--color <when>', says: 'colours', group: OUTPUT, choices: ['auto', 'always', 'never'] },
  { flags: '-j, --threads <n>', says: 'threads that read captures (as many as pay); the answer is the same', group: OUTPUT },
  { flags: '-q, --quiet', says: 'no progress and no notes', group: OUTPUT },
  { flags: '--unknown-lines', says: 'list the log lines in no known shape', group: OUTPUT },
  { flags: '--exit-code', says: 'exit 1 when a message may be lost or come twice', group: OUTPUT },
  { flags: '--no-pager', says: 'never hand long output to a pager (PAGER; less unless it says otherwise)', group: OUTPUT },
  { flags: '--debug', says: 'show where an error came from', group: OUTPUT },
];

/** Commands that read no inputs. */
export const OTHER_COMMANDS: readonly { readonly name: string; readonly summary: string; readonly argument: string | null; readonly example: string }[] = [
  {
    name: 'explain',
    summary: 'what a finding of the report means, how often it misleads, what to do; without a name: all of them',
    argument: 'finding',
    example: 'whohungup explain rst-hops-differ',
  },
  {
    name: 'demo',
    summary: 'walk through the incidents that ship with the program; without a name: all of them',
    argument: 'sample',
    example: 'whohungup demo firewall-reset',
  },
  {
    name: 'completion',
    summary: 'a script that completes commands, options and files: bash, zsh or fish',
    argument: 'shell',
    example: 'source <(whohungup completion bash)',
  },
  { name: 'manual', summary: 'the manual page', argument: null, example: 'whohungup manual | man -l -' },
];

export const ALL_COMMANDS = [...COMMANDS, ...OTHER_COMMANDS];
export const COMMAND_NAMES: readonly string[] = ALL_COMMANDS.map(({ name }) => name);

interface Flags {
  readonly short: string | null;
  readonly long: string;
  /** What follows it; null for a switch. */
  readonly value: string | null;
}

/** The names of an option, as its row has them. */
export function flagsOf({ flags }: OptionRow): Flags {
  const found = /^(?:(-\w), )?(--[\w-]+)(?: <([^>]+)>)?$/.exec(flags);
  return { short: found?.[1] ?? null, long: found?.[2] ?? flags, value: found?.[3] ?? null };
}

/** Each of its names, the long one first. */
export function spellingsOf(row: OptionRow): string[] {
  const { short, long } = flagsOf(row);
  return short === null ? [long] : [long, short];
}

export function isKnownTo(row: OptionRow, name: CommandName): boolean {
  return (row.only === undefined || row.only.includes(name)) && !row.not?.includes(name);
}

/** Names of options behind which a value stands. */
export const OPTIONS_WITH_VALUE: ReadonlySet<string> = new Set(OPTIONS.filter((row) => flagsOf(row).value !== null).flatMap(spellingsOf));

/** Options that have a meaning without inputs. */
export const FOR_ALL: ReadonlySet<string> = new Set(['--color <when>', '--no-pager']);
