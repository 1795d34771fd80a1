import { Command, CommanderError, Option } from 'commander';
import { UserError } from '../model/user-error.ts';
import type { ColourMode } from '../render/index.ts';
import { EXIT_HELP, LESSON } from './help.ts';
import { type CommandName, FORMATS, type Invocation, type RawOptions, readInvocation } from './invocation.ts';

/** What became of a command line: something to do, or text that was asked for. */
export type Parsed = { readonly invocation: Invocation } | { readonly text: string } | { readonly explain: string | null; readonly colour: ColourMode };

const COMMANDS: readonly { readonly name: CommandName; readonly summary: string }[] = [
  { name: 'diagnose', summary: 'who ended each session, how sure that is, and which packets and log lines show it (the default)' },
  { name: 'transcript', summary: 'sessions side by side: client | packets | appliance | log' },
  { name: 'trace', summary: "a message's way: injection, scanning, quarantine, release, delivery, the receiver's response" },
  { name: 'messages', summary: 'all messages of the logs with what became of them' },
  { name: 'connections', summary: 'all injection and delivery connections with how they ended by the log' },
  { name: 'compare', summary: 'two or more capture points: what the path between them did to the packets' },
  { name: 'report', summary: 'one page for a browser: verdicts, sequence diagrams, transcripts, an overview of many sessions' },
  { name: 'extract', summary: 'the packets and log lines of sessions as an annotated capture for Wireshark' },
  { name: 'share', summary: 'the same without names: addresses, mailboxes, domains and subjects replaced, bodies and credentials cut, verdict kept' },
  { name: 'verify', summary: 'read the packets that the verdicts cite again with a second, independent reader' },
];

const SELECT = 'Select what is shown (different options must all hold, repeats are alternatives):';
const SITE = 'Facts about the site (each found out where not given):';
const OUTPUT = 'Output:';

interface OptionRow {
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

const OPTIONS: readonly OptionRow[] = [
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
  { flags: '--raw', says: 'keep message bodies and credentials', group: OUTPUT, only: ['extract'] },
  { flags: '--format <form>', says: 'form of the answer', group: OUTPUT, choices: FORMATS, not: ['extract', 'share'] },
  { flags: '--json', says: 'one JSON document', group: OUTPUT, conflicts: ['ndjson', 'csv', 'format'], not: ['extract', 'report', 'share'] },
  { flags: '--ndjson', says: 'one JSON record a line', group: OUTPUT, conflicts: ['csv', 'format'], not: ['extract', 'report', 'share'] },
  { flags: '--csv', says: 'the list of sessions for a spreadsheet', group: OUTPUT, conflicts: ['format'], only: ['diagnose'] },
  { flags: '--color <when>', says: 'colours', group: OUTPUT, choices: ['auto', 'always', 'never'] },
  { flags: '-q, --quiet', says: 'no progress and no notes', group: OUTPUT },
  { flags: '--unknown-lines', says: 'list the log lines in no known shape', group: OUTPUT },
  { flags: '--exit-code', says: 'exit 1 when a message may be lost or come twice', group: OUTPUT },
  { flags: '--debug', says: 'show where an error came from', group: OUTPUT },
];

/** Reads a command line (without program and script). Throws a `UserError` for a wrong one. */
export function parseCommandLine(argv: readonly string[], version: string): Parsed {
  let text = '';
  let invocation: Invocation | null = null;
  let explain: Extract<Parsed, { explain: unknown }> | null = null;
  const program = new Command('whohungup')
    .exitOverride()
    .configureOutput({ writeOut: (chunk) => void (text += chunk), writeErr: () => undefined })
    .version(version, '-V, --version', 'the version')
    .usage('[command] INPUT... [options]')
    .helpOption('-h, --help', 'this help')
    .addHelpText('before', LESSON)
    .showSuggestionAfterError();
  for (const { name, summary } of COMMANDS) {
    const command = program
      .command(name, { isDefault: name === 'diagnose' })
      .description(summary)
      .argument('[inputs...]', 'captures, logs, directories, patterns like "*.pcap", or - for standard input');
    for (const row of OPTIONS) if ((row.only === undefined || row.only.includes(name)) && !row.not?.includes(name)) command.addOption(toOption(row));
    command.action((inputs: string[], options: RawOptions) => {
      invocation = readInvocation(name, inputs, options);
    });
  }
  program
    .command('explain')
    .description('what a finding of the report means, how often it misleads, what to do; without a name: all of them')
    .argument('[finding]', 'kind of evidence, cause or interference, as the report names it')
    .addOption(toOption({ flags: '--color <when>', says: 'colours', group: OUTPUT, choices: ['auto', 'always', 'never'] }))
    .action((finding: string | undefined, { color }: { readonly color?: ColourMode }) => {
      explain = { explain: finding ?? null, colour: color ?? 'auto' };
    });
  program.addHelpText('after', () => listOptions(program));
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { text };
    throw new UserError('usage', error.message.replace(/^error: /, '').replace(/\n/g, ' '), 'see: whohungup --help');
  }
  return explain ?? (invocation ? { invocation } : { text });
}

/** The options of the default command, so that the first help that is asked for holds everything. */
function listOptions(program: Command): string {
  const help = program.commands.find((command) => command.name() === 'diagnose')?.helpInformation() ?? '';
  const own = help.slice(Math.max(0, help.indexOf(SELECT)));
  return `\n${own.slice(0, own.lastIndexOf('\nOptions:')).trimEnd()}\n${EXIT_HELP}`;
}

function toOption(row: OptionRow): Option {
  const option = new Option(row.flags, row.says).helpGroup(row.group);
  if (row.many) option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);
  if (row.choices) option.choices([...row.choices]);
  if (row.conflicts !== undefined) option.conflicts([...row.conflicts]);
  return option;
}
