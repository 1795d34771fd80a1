import { EXIT_HELP } from './help.ts';
import { ALL_COMMANDS, OPTIONS, OUTPUT, SELECT, SITE } from './option-table.ts';

/** The manual page, in the macros of man(7). */
export function manualPage(version: string): string {
  const groups = [SELECT, SITE, OUTPUT].map((group) => {
    const rows = OPTIONS.filter((row) => row.group === group).map(({ flags, says, only }) => item(flags, `${says}${only ? ` (${only.join(', ')})` : ''}`));
    return `.SS ${plain(group.replace(/:$/, ''))}\n${rows.join('')}`;
  });
  return `.TH WHOHUNGUP 1 "" "whohungup ${plain(version)}" "User Commands"
.SH NAME
whohungup \\- who hung up on this mail session: the client, the appliance, or a firewall in between
.SH SYNOPSIS
.B whohungup
[\\fIcommand\\fR] \\fIINPUT\\fR... [\\fIoptions\\fR]
.SH DESCRIPTION
Reads packet captures and the logs of a Cisco Email Security Appliance, in any mix, told apart by their content, and tells what ended each mail session, who did it, how sure that is, and which packets and log lines show it.
It has no access to the network, and never shows credentials.
.SH COMMANDS
${ALL_COMMANDS.map(({ name, summary }) => item(name, summary)).join('')}.SH OPTIONS
${groups.join('')}.SH EXIT STATUS
${EXIT_HELP.replace(/^\s*Exit status: /, '')
  .trim()
  .replaceAll('\n', ' ')
  .split(/(?<=[a-z)]), (?=\d)/)
  .map((entry) => item(/^\d+/.exec(entry)?.[0] ?? '', entry.replace(/^\d+ /, '')))
  .join('')}.SH ENVIRONMENT
${item('NO_COLOR, FORCE_COLOR', 'no colours, or colours also where standard output is no terminal; --color is stronger.')}${item('PAGER', 'what shows text that is longer than the terminal; less where it is not set, none where it is empty or cat.')}${item('COLUMNS', 'width of text where standard output is no terminal.')}.SH EXAMPLES
${ALL_COMMANDS.map(({ example }) => `.PP\n.nf\n${plain(example)}\n.fi\n`).join('')}`;
}

function item(term: string, text: string): string {
  return `.TP\n.B ${plain(term)}\n${plain(text)}\n`;
}

/** No character of it means anything to roff; hyphens stay such, so that commands can be copied. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
}
