import { UserError } from '../model/user-error.ts';
import { ALL_COMMANDS, COMMAND_NAMES, COMMANDS, flagsOf, isKnownTo, OPTIONS, type OptionRow } from './option-table.ts';

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

function optionsOf(name: string): OptionRow[] {
  const command = COMMANDS.find((entry) => entry.name === name);
  return command ? OPTIONS.filter((row) => isKnownTo(row, command.name)) : [];
}

/** Words of the argument of commands that read no inputs. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = { completion: Object.keys(SHELLS) };

function bash(): string {
  const cases = COMMANDS.map(
    ({ name }) =>
      `    ${name}) words="${optionsOf(name)
        .flatMap((row) => [flagsOf(row).long, flagsOf(row).short ?? []].flat())
        .join(' ')}" ;;`,
  );
  const choices = uniqueChoices().map(([long, values]) => `    ${long}) COMPREPLY=($(compgen -W "${values.join(' ')}" -- "$current")); return ;;`);
  return `# whohungup: completion for bash. To use it: source <(whohungup completion bash)
_whohungup() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="diagnose" words=""
  case " ${COMMAND_NAMES.join(' ')} " in *" \${COMP_WORDS[1]} "*) command="\${COMP_WORDS[1]}" ;; esac
  case "$previous" in
${choices.join('\n')}
  esac
  case "$command" in
${cases.join('\n')}
    completion) COMPREPLY=($(compgen -W "${(ARGUMENTS['completion'] ?? []).join(' ')}" -- "$current")); return ;;
  esac
  if [[ "$current" == -* ]]; then COMPREPLY=($(compgen -W "$words --help" -- "$current")); return; fi
  COMPREPLY=($(compgen -f -- "$current"))
  if [[ $COMP_CWORD -eq 1 ]]; then COMPREPLY+=($(compgen -W "${COMMAND_NAMES.join(' ')}" -- "$current")); fi
}
complete -o filenames -F _whohungup whohungup
`;
}

function uniqueChoices(): [long: string, values: readonly string[]][] {
  const byName = new Map(OPTIONS.flatMap((row) => (row.choices ? [[flagsOf(row).long, row.choices] as const] : [])));
  return [...byName];
}

/** Within single quotes, and within the brackets of a specification. */
function quoteZsh(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, '\\$&');
}

function quoteFish(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** The options of a command as `_arguments` takes them. */
function specsOf(name: string): string {
  return optionsOf(name)
    .flatMap((row) => {
      const { short, long, value } = flagsOf(row);
      const action = row.choices ? `(${row.choices.join(' ')})` : '_files';
      const tail = value === null ? '' : `:${quoteZsh(value)}:${action}`;
      const star = row.many ? '*' : '';
      return [long, ...(short ? [short] : [])].map((flag) => `      '${star}${flag}[${quoteZsh(row.says)}]${tail}'`);
    })
    .join(' \\\n');
}

function zsh(): string {
  const cases = COMMANDS.map(({ name }) => `    ${name}) _arguments -s \\\n${specsOf(name)} \\\n      '*:input:_files' ;;`);
  const described = ALL_COMMANDS.map(({ name, summary }) => `    '${name}:${summary.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`);
  return `#compdef whohungup
# whohungup: completion for zsh. To use it: source <(whohungup completion zsh)
_whohungup() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  local command=diagnose
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then _describe command commands; _files; return; fi
  if (( \${commands[(I)$words[2]:*]} )); then command=$words[2]; shift words; (( CURRENT-- )); fi
  case $command in
${cases.join('\n')}
    completion) _values shell ${(ARGUMENTS['completion'] ?? []).join(' ')} ;;
  esac
}
compdef _whohungup whohungup
`;
}

function fish(): string {
  const commands = ALL_COMMANDS.map(({ name, summary }) => `complete -c whohungup -n __fish_use_subcommand -a ${name} -d ${quoteFish(summary)}`);
  const options = OPTIONS.map((row) => {
    const { short, long, value } = flagsOf(row);
    const known = COMMANDS.filter(({ name }) => isKnownTo(row, name)).map(({ name }) => name);
    const others = COMMAND_NAMES.filter((name) => name === 'diagnose' || !known.some((command) => command === name));
    const when =
      known.length === COMMANDS.length
        ? ''
        : known.includes('diagnose')
          ? ` -n ${quoteFish(`not __fish_seen_subcommand_from ${others.filter((name) => name !== 'diagnose').join(' ')}`)}`
          : ` -n ${quoteFish(`__fish_seen_subcommand_from ${known.join(' ')}`)}`;
    const argument = value === null ? '' : row.choices ? ` -x -a ${quoteFish(row.choices.join(' '))}` : ' -r';
    return `complete -c whohungup${when}${short ? ` -s ${short.slice(1)}` : ''} -l ${long.slice(2)}${argument} -d ${quoteFish(row.says)}`;
  });
  const shells = `complete -c whohungup -f -n '__fish_seen_subcommand_from completion' -a ${quoteFish((ARGUMENTS['completion'] ?? []).join(' '))}`;
  return `# whohungup: completion for fish. To use it: whohungup completion fish | source\n${[...commands, ...options, shells].join('\n')}\n`;
}
