import type { Report, ReportClock, ReportInput } from '../../model/report.ts';
import { refStyleOf } from '../refs.ts';
import { counted, showOctets, showSeconds, showSpan } from '../times.ts';
import { isInterrupted, nameEnds, nameImpact, nameSession, nameVerdict } from '../words.ts';
import { html, type Markup } from './markup.ts';
import { type CountedSession, renderOverview, WELL } from './overview.ts';
import { type PageSession, renderSession } from './session.ts';
import { POLICY, STYLE } from './style.ts';

/** What the page is made of. */
export interface Page {
  readonly report: Pick<Report, 'tool' | 'inputs' | 'clocks' | 'caveats'>;
  /** Every session of the report. */
  readonly counted: readonly CountedSession[];
  /** Those that are told in full. */
  readonly sessions: Iterable<PageSession>;
  /** How many these are. */
  readonly told: number;
  /** Names and addresses stand for others. */
  readonly isShared: boolean;
}

const AS_READ = 'Names, addresses and log lines are as they were in the inputs: look at it before you give it away.';
const REPLACED = 'Names and addresses stand for others, consistently; README.txt in this folder says what was replaced.';

/** One self-contained page, piece by piece: no script, nothing to load. */
export function* renderHtmlPage({ report, counted: all, sessions, told, isShared }: Page): Generator<string> {
  const refs = refStyleOf(report);
  yield html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark"><title>Who hung up: ${counted(all.length, 'mail session')}</title><style>`
    .text;
  yield `${STYLE}</style></head>\n`;
  yield html`<body><a class="skip" href="#main">Skip to the verdicts</a><header><h1>Who hung up?</h1><p class="soft">${counted(all.length, 'mail session')}, ${told} told in full, by ${report.tool.name} ${report.tool.version}. Times are UTC by the captures' clock.</p></header>
<main id="main">`.text;
  if (all.length === 0) yield html`<p>No mail session was found in the inputs.</p>`.text;
  const held: Markup[] = [];
  const contents: Markup[] = [];
  let index = 0;
  let untold = all.filter(({ ending }) => ending !== WELL).length;
  for (const entry of sessions) {
    const { session } = entry;
    if (isInterrupted(session)) untold--;
    contents.push(
      html`<tr><td><a href="#s${index}">${nameSession(session)}</a></td><td>${nameEnds(session)}</td><td class="${isInterrupted(session) ? 'bad' : 'good'}">${nameVerdict(session.verdict)}</td><td>${session.verdict.confidence}</td><td>${session.verdict.stage}</td><td>${nameImpact(session.impact)}</td></tr>
`,
    );
    held.push(renderSession(entry, index++, refs));
  }
  if (all.length > 1) yield renderOverview(all).text;
  if (untold > 0)
    yield html`<p>${counted(untold, 'interrupted session')} more: counted above, not told below. Select a part of them, by client or by time.</p>`.text;
  if (contents.length > 1) {
    yield html`<nav aria-labelledby="contents"><h2 id="contents">Verdicts</h2><div class="scroll" role="region" aria-label="Verdicts" tabindex="0"><table><thead><tr><th scope="col">session</th><th scope="col">client to server</th><th scope="col">ended by</th><th scope="col">sure</th><th scope="col">stage</th><th scope="col">harm</th></tr></thead><tbody>
${contents}</tbody></table></div></nav>`.text;
  }
  for (const section of held) yield section.text;
  yield renderInputs(report).text;
  yield html`</main><footer>Made by ${report.tool.name} ${report.tool.version}. The page loads nothing and sends nothing. ${isShared ? REPLACED : AS_READ}</footer></body></html>
`.text;
}

function renderInputs({ inputs, clocks, caveats }: Page['report']): Markup {
  return html`<section aria-labelledby="inputs"><h2 id="inputs">What was read</h2>
<div class="scroll" role="region" aria-label="Inputs" tabindex="0"><table class="wide"><thead><tr><th scope="col">no.</th><th scope="col">file</th><th scope="col">kind</th><th scope="col">amount</th><th scope="col">time span (UTC)</th><th scope="col">what limits it</th></tr></thead><tbody>
${inputs.map(renderInput)}</tbody></table></div>
<h3>Clocks</h3>${clocks.length === 0 ? html`<p>No log had to be aligned with a capture.</p>` : html`<ul>${clocks.map((clock) => html`<li>log [${clock.log}] against capture [${clock.capture}]: ${describeClock(clock)}</li>`)}</ul>`}
${caveats.length === 0 ? '' : html`<h3>Notes</h3><ul>${caveats.map((caveat) => html`<li>${caveat}</li>`)}</ul>`}</section>`;
}

function renderInput(input: ReportInput, index: number): Markup {
  const amount = input.packets === null ? counted(input.lines ?? 0, 'line') : counted(input.packets, 'packet');
  const oddities = input.anomalies
    .filter(({ severity }) => severity !== 'info')
    .map(({ severity, meaning, count }) => `${severity}: ${meaning}${count > 1 ? ` (${count} times)` : ''}`);
  const limits = [...oddities, ...input.cannotContain.map((limit) => `not in it: ${limit}`)];
  return html`<tr><td>[${index}]</td><td>${input.path}</td><td>${input.kind === input.format ? input.kind : `${input.kind}, ${input.format}`}${input.vantage === null ? '' : `, taken at: ${input.vantage}`}</td><td>${amount}, ${showOctets(input.bytes)}</td><td>${input.first === null && input.last === null ? '' : showSpan(input.first, input.last)}</td><td>${limits.map((limit) => html`${limit}<br>`)}</td></tr>
`;
}

function describeClock({ logOffsetSeconds, uncertaintySeconds, timeZone, timeZoneBasis, basis, pairs }: ReportClock): string {
  const relation =
    logOffsetSeconds === 0
      ? 'log and capture agree'
      : `the log's clock is ${showSeconds(Math.abs(logOffsetSeconds))} ${logOffsetSeconds > 0 ? 'ahead of' : 'behind'} the capture's`;
  const zone = timeZone === null ? 'time zone of the log unknown' : `time zone of the log ${timeZone}`;
  return `${relation}, give or take ${showSeconds(uncertaintySeconds)}, from ${counted(pairs, 'pair')}${basis === '' ? '' : `; ${basis}`}; ${zone}${timeZoneBasis === '' ? '' : ` (${timeZoneBasis})`}`;
}
