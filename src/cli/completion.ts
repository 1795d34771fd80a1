import { PAGES } from '../explain/index.ts';
import { UserError } from '../model/user-error.ts';
import { findSamples } from './demo.ts';
import {
  COMMAND_NAMES,
  COMMANDS,
  ALL_COMMANDS,
  FOR_ALL,
  flagsOf,
  isKnownTo,
  OPTIONS,
  OPTIONS_WITH_VALUE,
  spellingsOf,
  type OptionRow,
} from './option-table.ts';

const SHELLS: Readonly<Record<string, () => string>> = { bash, zsh, fish };

/** The script by which a shell completes commands, options, their choices, and files. Throws a `UserError` for another shell. */
export function completionFor(shell: string | null): string {
  const write = SHELLS[shell ?? ''];
  if (write) return write();
  throw new UserError(
    'usage',
    shell === null ? 'completion for which shell?' : `there is no completion for ${shell}`,
    `one of: ${Object.keys(SHELLS).join(', ')}, as in: source <(whohungup completion bash)`,
  );
}

/** Its options; those that have a meaning without inputs for a command that reads none. */
function optionsOf(name: string): OptionRow[] {
  const command = COMMANDS.find((entry) => entry.name === name);
  return OPTIONS.filter((row) => (command ? isKnownTo(row, command.name) : FOR_ALL.has(row.flags)));
}

function flagNames(rows: readonly OptionRow[]): string[] {
  return [...new Set(rows.flatMap(spellingsOf)), '--help', '-h'];
}

/** Words of the argument of commands that read no inputs. */
function argumentWords(): [name: string, words: readonly string[]][] {
  return [
    ['explain', [...new Set(PAGES.flatMap(({ findings }) => findings))]],
    ['demo', findSamples(null).map(({ name }) => name)],
    ['completion', Object.keys(SHELLS)],
    ['manual', []],
    ['help', COMMAND_NAMES],
  ];
}

const COMMAND_WORDS = [...COMMAND_NAMES, 'help'];

/** What may stand for the value of an option: files, a choice, or nothing that could be known. */
function valuesOf(row: OptionRow): 'files' | 'named file' | 'none' | readonly string[] {
  const { value } = flagsOf(row);
  if (row.choices) return row.choices;
  if (value === 'name=file') return 'named file';
  return value === 'file' || value === 'folder' ? 'files' : 'none';
}

/** Options whose values are alike, by name. */
function flagsWhere(is: (row: OptionRow) => boolean): string {
  return [...new Set(OPTIONS.filter((row) => flagsOf(row).value !== null && is(row)).flatMap(spellingsOf))].join('|');
}

function uniqueChoices(): [long: string, values: readonly string[]][] {
  const byName = new Map(OPTIONS.flatMap((row) => (row.choices ? [[flagsOf(row).long, row.choices] as const] : [])));
  return [...byName];
}

/** A command may stand behind options, so each script goes over the words: the first that is no option and no value of one tells. */
function bash(): string {
  const choices = uniqueChoices().map(([long, values]) => `    ${long}) _whohungup_words "${values.join(' ')}"; return ;;`);
  const words = argumentWords().map(([name, list]) => `    ${name}) words="${flagNames(optionsOf(name)).join(' ')}"; arguments="${list.join(' ')} " ;;`);
  const options = COMMANDS.map(({ name }) => `    ${name}) words="${flagNames(optionsOf(name)).join(' ')}" ;;`);
  return `# whohungup: completion for bash. To use it: source <(whohungup completion bash)
_whohungup_words() { COMPREPLY+=($(compgen -W "$1" -- "$current")); }
_whohungup_files() { local IFS=$'\\n'; COMPREPLY+=($(compgen -f -- "$current")); }
_whohungup() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" arguments="" at
  COMPREPLY=()
  # bash makes three words of --format=json, and of times and addresses as many as they have colons.
  for (( at = 1; at < COMP_CWORD; at++ )); do
    case "\${COMP_WORDS[at]}" in
      ${COMMAND_WORDS.join('|')}) command="\${COMP_WORDS[at]}"; break ;;
      ${[...OPTIONS_WITH_VALUE].join('|')})
        if [[ "\${COMP_WORDS[at+1]}" != "=" ]]; then (( at++ )); fi
        while [[ "\${COMP_WORDS[at+1]}" == [=:]* ]]; do (( at += 2 )); done ;;
      --|[!-]*) command="diagnose"; break ;;
    esac
  done
  if [[ "$current" == "=" ]]; then current=""; elif [[ "$previous" == "=" ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  case "$previous" in
${choices.join('\n')}
    ${flagsWhere((row) => valuesOf(row) === 'none')}) return ;;
    ${flagsWhere((row) => valuesOf(row) === 'files' || valuesOf(row) === 'named file')}) _whohungup_files; return ;;
  esac
  case "\${command:-diagnose}" in
${[...options, ...words].join('\n')}
  esac
  if [[ "$current" == -* ]]; then _whohungup_words "$words"; return; fi
  if [[ -z "$command" ]]; then _whohungup_words "${COMMAND_WORDS.join(' ')}"; fi
  if [[ -n "$arguments" ]]; then _whohungup_words "$arguments"; else _whohungup_files; fi
}
complete -o filenames -F _whohungup whohungup
`;
}

/** Within single quotes, and within the brackets of a specification. */
function quoteZsh(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, '\\$&');
}

function zshAction(row: OptionRow): string {
  const values = valuesOf(row);
  if (values === 'files') return '_files';
  if (values === 'named file') return '{ compset -P "*="; _files }';
  return values === 'none' ? ' ' : `(${values.join(' ')})`;
}

/** The options of a command as `_arguments` takes them. */
function specsOf(name: string): string {
  const own = optionsOf(name).flatMap((row) => {
    const { long, value } = flagsOf(row);
    const tail = value === null ? '' : `:${quoteZsh(value)}:${zshAction(row)}`;
    const star = row.many ? '*' : '';
    return spellingsOf(row).map((flag) => `'${star}${flag}${value !== null && flag === long ? '=' : ''}[${quoteZsh(row.says)}]${tail}'`);
  });
  return [...own, "'(-h --help)'{-h,--help}'[this help]'"].map((spec) => `      ${spec}`).join(' \\\n');
}

function zsh(): string {
  const cases = COMMANDS.map(({ name }) => `    ${name}) _arguments -s \\\n${specsOf(name)} \\\n      '*:input:_files' ;;`);
  const others = argumentWords().map(([name, words]) => `    ${name}) _arguments -s \\\n${specsOf(name)} \\\n      '1:${name}:(${words.join(' ')})' ;;`);
  const described = ALL_COMMANDS.map(({ name, summary }) => `    '${name}:${summary.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`);
  return `#compdef whohungup
# whohungup: completion for zsh. To use it: source <(whohungup completion zsh)
_whohungup() {
  local -a commands
  commands=(
${described.join('\n')}
    'help:what a command does'
  )
  local command= at
  for (( at = 2; at < CURRENT; at++ )); do
    case $words[at] in
      (${COMMAND_WORDS.join('|')}) command=$words[at]; words[at]=(); (( CURRENT-- )); break ;;
      (${[...OPTIONS_WITH_VALUE].join('|')}) (( at++ )) ;;
      (--|[^-]*) command=diagnose; break ;;
    esac
  done
  if [[ -z $command && at -eq CURRENT && $words[CURRENT] != -* ]]; then _describe command commands; _files; return; fi
  case \${command:-diagnose} in
${[...cases, ...others].join('\n')}
  esac
}
compdef _whohungup whohungup
`;
}

function quoteFish(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A condition under which fish offers something: one of these commands stands there; `none`: no command and no input yet. */
function when(...names: readonly string[]): string {
  return `-n ${quoteFish(`__whohungup_is ${names.join(' ')}`)}`;
}

function fish(): string {
  const commands = ALL_COMMANDS.map(({ name, summary }) => `complete -c whohungup ${when('none')} -a ${name} -d ${quoteFish(summary)}`);
  const options = OPTIONS.map((row) => {
    const { short, long, value } = flagsOf(row);
    const known = ALL_COMMANDS.map(({ name }) => name).filter((name) => optionsOf(name).includes(row));
    const values = valuesOf(row);
    const offered = values === 'files' || values === 'named file' ? ' -r -F' : values === 'none' ? ' -x' : ` -x -a ${quoteFish(values.join(' '))}`;
    const shown = known.includes('diagnose') ? ['none', ...known] : known;
    return `complete -c whohungup ${when(...shown)}${short ? ` -s ${short.slice(1)}` : ''} -l ${long.slice(2)}${value === null ? '' : offered} -d ${quoteFish(row.says)}`;
  });
  const words = argumentWords().map(([name, list]) => `complete -c whohungup -f ${when(name)} -a ${quoteFish(list.join(' '))}`);
  return `# whohungup: completion for fish. To use it: whohungup completion fish | source
function __whohungup_command
  set -l is_value 0
  for word in (commandline -opc)[2..-1]
    if test $is_value = 1
      set is_value 0
      continue
    end
    switch $word
      case ${COMMAND_WORDS.join(' ')}
        echo $word
        return
      case ${[...OPTIONS_WITH_VALUE].join(' ')}
        set is_value 1
      case --
        echo diagnose
        return
      case '-*'
      case '*'
        echo diagnose
        return
    end
  end
  echo none
end
function __whohungup_is
  contains -- (__whohungup_command) $argv
end
complete -c whohungup -s h -l help -d 'this help'
${[...commands, `complete -c whohungup ${when('none')} -a help -d 'what a command does'`, ...options, ...words].join('\n')}
`;
}
