import type { MessageHistory } from '../model/maillog.ts';
import { SECOND_US } from '../model/units.ts';
import type { TracedMid } from './facts.ts';
import { CARRYING, type Lineage } from './lineage.ts';
import type { Registry } from './registry.ts';
import { sayDuration } from './words.ts';

/** What the logs can and cannot show of a message. */
export interface Border {
  readonly registry: Registry;
}

/** A message that is silent for longer than this, while the log goes on, has probably lost a line; the queue is asked again at least this often. */
const LONG_SILENCE_SECONDS = 3600;

/** Why the log does not tell what became of it. `openDcid`: an attempt was begun on that connection. */
export function whyUnknown(traced: TracedMid, { registry }: Border, openDcid: number | null): string {
  const { history } = traced;
  const left = secondsToEnd(registry, history);
  const state = describeState(traced, openDcid, registry);
  if (history.finished !== null)
    return `a line is missing: the message is finished, but none tells what became of this recipient${state.replace(/^, (?=while|after)/, '; last seen ')}`;
  if (left <= LONG_SILENCE_SECONDS) return `the log ends ${left < 1 ? 'with its last line' : `${sayDuration(left)} after its last line`}${state}`;
  return `a line is missing, or it still waits: its last line stands ${sayDuration(left)} before the end of the log${state}`;
}

function secondsToEnd(registry: Registry, history: MessageHistory): number {
  return (registry.span(history.appliance).lastUs - history.last.atUs) / SECOND_US;
}

function describeState(traced: TracedMid, openDcid: number | null, registry: Registry): string {
  const { history } = traced;
  if (openDcid !== null) {
    const error = registry.delivery(history.appliance, openDcid, history.last)?.problems.find((problem) => problem.kind === 'connection-error');
    const failed = error ? `, which failed (${error.details ?? error.reason ?? 'no reason given'})` : '';
    return `, in the middle of the attempt over DCID ${openDcid}${failed}`;
  }
  const last = traced.facts.findLast(({ entry }) => entry !== null && entry.kind in STATES)?.entry;
  return last ? `, ${STATES[last.kind] ?? ''}` : history.started === null ? ', and it begins too late to show where the message came from' : '';
}

const STATES: Readonly<Partial<Record<string, string>>> = {
  'mid-start': 'while it was being received',
  'mid-from': 'while it was being received',
  'mid-to': 'while it was being received',
  'mid-ready': 'after the message had been accepted',
  'mid-policy': 'while it was in the work queue',
  'mid-scan': 'while it was being scanned',
  'mid-queued': 'while it waited for delivery',
  'quarantine-out': 'after it had left the quarantine',
};

/** Sentences on where the files cut a story. */
export function describeBorders(lineage: Lineage, { registry }: Border): string[] {
  const caveats: string[] = [];
  const carried = new Set(lineage.edges.filter((edge) => CARRYING.has(edge.relation)).map((edge) => edge.to.order));
  for (const { history, facts } of lineage.members) {
    if (facts.every(({ entry }) => entry?.kind === 'consolidated')) {
      caveats.push(`MID ${history.mid} is known from a consolidated event only, which sums up its way: no line tells the steps`);
      continue;
    }
    const start = describeStart(history, carried.has(history.order), registry);
    if (start !== null) caveats.push(start);
    const isOver = history.finished !== null || history.aborted !== null;
    if (!isOver) caveats.push(describeEnd(history, registry));
  }
  caveats.push(...describeNamesakes(lineage, registry));
  if (lineage.cut) caveats.push('the story has more MIDs than are told here');
  return caveats;
}

function describeStart(history: MessageHistory, isCarried: boolean, registry: Registry): string | null {
  // Split and rewritten messages have no line of their own that starts them.
  if (history.started !== null || isCarried || history.icid === 0) return null;
  const { mid } = history;
  const began = history.mid < registry.firstStarted(history.appliance);
  const hasAny = Number.isFinite(registry.firstStarted(history.appliance));
  if (began && hasAny) return `the log begins too late for MID ${mid}: it was received before, so that client, envelope or headers may be missing`;
  const since = (history.first.atUs - registry.span(history.appliance).firstUs) / SECOND_US;
  if (since < 1) return `the log begins in the middle of MID ${mid}: what came before is missing`;
  return `the start of MID ${mid} is missing, although the log begins ${sayDuration(since)} before its first line: the lines are an extract, or some are lost`;
}

function describeEnd(history: MessageHistory, registry: Registry): string {
  const left = secondsToEnd(registry, history);
  const { mid } = history;
  if (left < 1) return `the log ends with the last line of MID ${mid}, before it is finished`;
  return `MID ${mid} is not finished where the log ends, ${sayDuration(left)} after its last line`;
}

/** What an SMA releases comes in again as a new message: no line joins the two, but the Message-ID does. */
function describeNamesakes({ members }: Lineage, registry: Registry): string[] {
  const messageId = members.find(({ history }) => history.messageId !== null)?.history.messageId ?? null;
  const named = messageId === null ? [] : registry.namesakes(messageId);
  // It is its own namesake.
  if (named.length < 2) return [];
  const own = new Set(members.map(({ history }) => history.order));
  const others = named.filter((other) => !own.has(other.order));
  const appliances = new Set(members.map(({ history }) => history.appliance));
  const mids = others.slice(0, MAX_NAMESAKES).map(({ mid, appliance }) => (appliances.has(appliance) ? `MID ${mid}` : `MID ${mid} of ${appliance}`));
  if (mids.length === 0) return [];
  const more = others.length > mids.length ? ` and ${others.length - mids.length} more` : '';
  return [
    `${mids.join(', ')}${more} ${others.length === 1 ? 'has' : 'have'} the same Message-ID: sent again, or released by an SMA, which no line of these logs joins`,
  ];
}

const MAX_NAMESAKES = 5;
