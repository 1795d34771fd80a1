import type { LineRef, PacketRef } from '../model/evidence.ts';
import type { Report } from '../model/report.ts';

/** How packets and lines are named: by their number alone where only one file can be meant, else with the index of the input in brackets. */
export interface RefStyle {
  readonly manyCaptures: boolean;
  readonly manyLogs: boolean;
}

export function refStyleOf(report: Pick<Report, 'inputs'>): RefStyle {
  return {
    manyCaptures: report.inputs.filter((input) => input.packets !== null).length > 1,
    // A text that is no log (a README beside the capture) is never cited.
    manyLogs: report.inputs.filter((input) => input.lines !== null && input.kind !== 'unknown text').length > 1,
  };
}

const MOST = 6;

/** `#10, #12, #14-#19`: runs are joined; at most six pieces, then `…`. Empty for none. */
export function showPackets(packets: readonly PacketRef[], style: RefStyle): string {
  const pieces: string[] = [];
  let at = 0;
  while (at < packets.length) {
    const first = packets[at];
    if (!first) break;
    let last = first;
    let next = packets[at + 1];
    while (next && next.input === first.input && next.number === last.number + 1) {
      last = next;
      at++;
      next = packets[at + 1];
    }
    at++;
    const name = style.manyCaptures ? `[${first.input}]#${first.number}` : `#${first.number}`;
    if (last === first) pieces.push(name);
    else pieces.push(last.number === first.number + 1 ? `${name}, #${last.number}` : `${name}-#${last.number}`);
  }
  return abridge(pieces);
}

/** `log line 7`, `log lines 7, 9`; with several logs `[1]:7`. Empty for none. */
function showLines(lines: readonly LineRef[], style: RefStyle): string {
  if (lines.length === 0) return '';
  const pieces = lines.map((line) => (style.manyLogs ? `[${line.input}]:${line.line}` : String(line.line)));
  return `log ${pieces.length === 1 ? 'line' : 'lines'} ${abridge(pieces)}`;
}

/** `L7`, `L7-L9, L12`; with several logs `[1]L7-L9`: for tables, where every row has one. */
export function showLineRanges(lines: readonly LineRef[], style: RefStyle): string {
  const pieces: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const first = lines[at];
    if (!first) break;
    let last = first;
    for (let next = lines[at + 1]; next && next.input === first.input && next.line === last.line + 1; next = lines[at + 1]) {
      last = next;
      at++;
    }
    pieces.push(`${style.manyLogs ? `[${first.input}]` : ''}L${first.line}${last === first ? '' : `-L${last.line}`}`);
  }
  return abridge(pieces);
}

function abridge(pieces: readonly string[]): string {
  if (pieces.length <= MOST) return pieces.join(', ');
  return `${pieces.slice(0, MOST).join(', ')} and ${pieces.length - MOST} more`;
}

/** Both, in parentheses, with a blank before; empty when there is neither. */
export function showRefs(packets: readonly PacketRef[], lines: readonly LineRef[], style: RefStyle): string {
  const shown = [showPackets(packets, style), showLines(lines, style)].filter((text) => text !== '').join('; ');
  return shown === '' ? '' : ` (${shown})`;
}
