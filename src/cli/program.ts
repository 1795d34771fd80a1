import { Command, CommanderError, Option } from 'commander';
import { UserError } from '../model/user-error.ts';
import type { ColourMode } from '../render/index.ts';
import { closest } from './closest.ts';
import { EXIT_HELP, LESSON } from './help.ts';
import { type Invocation, type RawOptions, readInvocation } from './invocation.ts';
import {
  COMMAND_NAMES,
  COMMANDS,
  FOR_ALL,
  flagsOf,
  isKnownTo,
  OPTIONS,
  OPTIONS_WITH_VALUE,
  type OptionRow,
  OTHER_COMMANDS,
  spellingsOf,
  SELECT,
} from './option-table.ts';

/** What became of a command line: something to do, or text that was asked for. */
export type Parsed = { readonly invocation: Invocation } | { readonly text: string } | OtherCommand;

/** A command that reads no inputs, with its argument. */
export interface OtherCommand {
  readonly other: string;
  readonly argument: string | null;
  readonly colour: ColourMode;
  readonly pager: boolean;
}

/** Reads a command line (without program and script). Throws a `UserError` for a wrong one. */
export function parseCommandLine(argv: readonly string[], version: string): Parsed {
  let text = '';
  let invocation: Invocation | null = null;
  let other: OtherCommand | null = null;
  const program = new Command('whohungup')
    .exitOverride()
    .configureOutput({ writeOut: (chunk) => void (text += chunk), writeErr: () => undefined })
    .version(version, '-V, --version', 'the version')
    .usage('[command] INPUT... [options]')
    .helpOption('-h, --help', 'this help')
    .addHelpText('before', LESSON)
    .showSuggestionAfterError();
  for (const { name, summary, example } of COMMANDS) {
    const command = program
      .command(name, { isDefault: name === 'diagnose' })
      .description(summary)
      .argument('[inputs...]', 'captures, logs, directories, patterns like "*.pcap", or - for standard input')
      .addHelpText('after', `\nExample:\n  ${example}\n`);
    for (const row of OPTIONS) if (isKnownTo(row, name)) command.addOption(toOption(row));
    command.action((inputs: string[], options: RawOptions) => {
      invocation = readInvocation(name, inputs, options);
    });
  }
  for (const { name, summary, argument, example } of OTHER_COMMANDS) {
    const command = program.command(name).description(summary).addHelpText('after', `\nExample:\n  ${example}\n`);
    if (argument !== null) command.argument(`[${argument}]`);
    for (const row of OPTIONS) if (FOR_ALL.has(row.flags)) command.addOption(toOption(row));
    command.action((given: string | OtherOptions | undefined, options: OtherOptions | Command) => {
      const { color, pager } = (argument === null ? given : options) as OtherOptions;
      other = { other: name, argument: typeof given === 'string' ? given : null, colour: color ?? 'auto', pager: pager !== false };
    });
  }
  program.addHelpText('after', () => listOptions(program));
  refuseForgotten(argv);
  try {
    program.parse(commandFirst(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { text };
    throw explainRefusal(error, argv);
  }
  return other ?? (invocation ? { invocation } : { text });
}

const ALL_FLAGS = new Set([...OPTIONS.flatMap(spellingsOf), '-h', '--help', '--']);

/** What does not make all other words void. */
const OPTION = /^-(?!$|-$|V$|-version$)/;

/** A command may stand behind options, as in `whohungup -q trace mail_logs`: it is looked for in front. Behind `--` everything is an input. */
function commandFirst(argv: readonly string[]): readonly string[] {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (COMMAND_NAMES.includes(word)) return [word, ...argv.slice(0, at), ...argv.slice(at + 1)];
    if (word === '--') return ['diagnose', ...argv];
    if (!OPTION.test(word)) break;
    if (OPTIONS_WITH_VALUE.has(word)) at++;
  }
  return argv;
}

/** Throws where the value of an option was forgotten, so that the next option would be taken for it: `-o --json` would make a file of that name. */
function refuseForgotten(argv: readonly string[]): void {
  for (const [at, word] of argv.entries()) {
    if (word === '--') return;
    const next = argv[at + 1] ?? '';
    if (OPTIONS_WITH_VALUE.has(word) && ALL_FLAGS.has(next) && !OPTIONS_WITH_VALUE.has(argv[at - 1] ?? ''))
      throw new UserError(
        'usage',
        `${word}: its value is missing before ${next}`,
        `if ${next} is the value: ${OPTIONS.map(flagsOf).find(({ short }) => short === word)?.long ?? word}=${next}`,
      );
  }
}

/** What commander says, in our words where its own are a riddle: the commands that have the option which this one has not. */
function explainRefusal({ code, message }: CommanderError, argv: readonly string[]): UserError {
  if (code === 'commander.help') return unknownCommand(argv[argv.indexOf('help') + 1] ?? '');
  const text = message.replace(/^error: /, '').replace(/\n/g, ' ');
  const flag = /^unknown option '(--?[\w-]+)/.exec(text)?.[1];
  const rows = OPTIONS.filter((row) => flag !== undefined && spellingsOf(row).includes(flag));
  const owners = COMMANDS.filter(({ name }) => rows.some((row) => isKnownTo(row, name)));
  if (owners.length === 0) return new UserError('usage', text, 'see: whohungup --help');
  const command = COMMAND_NAMES.find((name) => name === commandFirst(argv)[0]) ?? 'diagnose';
  return new UserError(
    'usage',
    `${command} has no option ${flag}`,
    `it belongs to: ${owners.map(({ name }) => name).join(', ')}; see: whohungup ${command} --help`,
  );
}

function unknownCommand(word: string): UserError {
  const near = closest(word, COMMAND_NAMES);
  return new UserError('usage', `there is no command ${word}`, near === null ? 'list all: whohungup --help' : `did you mean ${near}? whohungup help ${near}`);
}

interface OtherOptions {
  readonly color?: ColourMode;
  readonly pager?: boolean;
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
