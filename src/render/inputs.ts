import type { Report, ReportInput } from '../model/report.ts';
import { escapeDeep } from './escape.ts';
import { type TextStyle, layOut } from './layout.ts';
import { counted, showOctets, showSeconds, showSpan } from './times.ts';

/** What was read: an entry an input with kind, size and time span, what it cannot show, then the clocks. */
export function renderInputs(report: Pick<Report, 'inputs' | 'clock' | 'clocks' | 'caveats'>, style: TextStyle): string {
  let text = `${style.palette.heading('What was read')} (times in UTC)\n`;
  for (const [index, input] of escapeDeep(report.inputs).entries()) text += renderInput(index, input, style);
  text += renderLimits(escapeDeep(report.inputs), style);
  for (const clock of escapeDeep(report.clocks)) text += layOut(style, '  clock ', describeClock(clock, report.clocks.length > 1));
  if (report.clock && report.clocks.length === 0) text += layOut(style, '  clock ', describeClock(escapeDeep(report.clock), false));
  for (const caveat of escapeDeep(report.caveats)) text += layOut(style, '  note: ', caveat);
  return text;
}

function renderInput(index: number, input: ReportInput, style: TextStyle): string {
  const lead = `  [${index}] `;
  const amount = input.packets === null ? counted(input.lines ?? 0, 'line') : counted(input.packets, 'packet');
  const what = input.kind === input.format ? input.kind : `${input.kind}, ${input.format}`;
  const vantage = input.vantage === null ? '' : `, taken at: ${input.vantage}`;
  const size = input.bytes > 0 ? `, ${showOctets(input.bytes)}` : '';
  const span = input.first === null && input.last === null ? '' : `, ${showSpan(input.first, input.last)}`;
  let text = layOut(style, lead, `${input.path}: ${what}${input.packets === null && input.lines === null ? '' : `, ${amount}`}${size}${span}${vantage}`);
  const indent = ' '.repeat(lead.length);
  for (const anomaly of input.anomalies) {
    // What is merely informative is in the JSON document: here it would hide what limits the verdict.
    if (anomaly.severity === 'info') continue;
    const harm = anomaly.severity === 'loss' || anomaly.severity === 'error';
    const count = anomaly.count > 1 ? `, ${counted(anomaly.count, 'time')}` : '';
    const first = anomaly.where === '' ? '' : ` (${anomaly.count > 1 ? 'first at ' : ''}${anomaly.where}${count})`;
    text += layOut(style, `${indent}${anomaly.severity}: `, `${anomaly.meaning}${first}`, harm ? style.palette.notable : style.palette.faint);
  }
  return text;
}

/** What the captures cannot contain, each limit once with the inputs that it holds for. */
function renderLimits(inputs: readonly ReportInput[], style: TextStyle): string {
  const inputsByLimit = new Map<string, string[]>();
  for (const [index, input] of inputs.entries()) {
    for (const limit of input.cannotContain) inputsByLimit.set(limit, [...(inputsByLimit.get(limit) ?? []), `[${index}]`]);
  }
  return [...inputsByLimit].map(([limit, holders]) => layOut(style, `  not in ${holders.join('')} `, limit, style.palette.faint)).join('');
}

function describeClock(clock: NonNullable<Report['clock']> & { readonly log?: number; readonly capture?: number }, many: boolean): string {
  const which = many && clock.log !== undefined && clock.capture !== undefined ? `[${clock.log}] against [${clock.capture}]: ` : '';
  const offset = clock.logOffsetSeconds;
  const relation =
    offset === 0 ? 'log and capture agree' : `the log's clock is ${showSeconds(Math.abs(offset))} ${offset > 0 ? 'ahead of' : 'behind'} the capture's`;
  const zone = clock.timeZone === null ? 'time zone of the log unknown' : `time zone of the log ${clock.timeZone}`;
  const why = clock.timeZoneBasis === '' ? '' : ` (${clock.timeZoneBasis})`;
  const basis = clock.basis === '' ? '' : `; ${clock.basis}`;
  return `${which}${relation}, give or take ${showSeconds(clock.uncertaintySeconds)}, from ${counted(clock.pairs, 'pair')}${basis}; ${zone}${why}`;
}
