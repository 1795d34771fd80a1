import type { LogLine, MessageHistory } from '../model/maillog.ts';
import type { RecipientOutcome } from '../model/report.ts';
import { type Border, whyUnknown } from './borders.ts';
import { joinWords, type TracedMid } from './facts.ts';
import { type Fate, type Fates, fatesOf } from './fates.ts';
import { CARRYING, type Lineage } from './lineage.ts';

/** A recipient with what became of it, followed through all MIDs. */
export interface ResolvedRecipient {
  readonly rid: number | null;
  readonly address: string | null;
  readonly outcome: RecipientOutcome;
  readonly why: string;
  readonly mid: number;
  readonly lines: readonly LogLine[];
  /** Of a copy or a bounce, which is another message. */
  readonly isMade: boolean;
}

interface Slot {
  readonly rid: number | null;
  readonly address: string | null;
  readonly rejectedBy: string | null;
  readonly line: LogLine | null;
  claimed: boolean;
}

interface Member {
  readonly traced: TracedMid;
  readonly fates: Fates;
  readonly slots: readonly Slot[];
  readonly children: Member[];
  /** The message came from another MID of the story. */
  carried: boolean;
  /** It is a copy or a bounce, or came from one. */
  isMade: boolean;
}

interface Found extends Fate {
  readonly mid: number;
}

/** The recipients of a story: those of the oldest MID first, each followed to its end; then those that only later MIDs name, copies and bounces included. */
export function resolveRecipients(lineage: Lineage, border: Border): ResolvedRecipient[] {
  const members = new Map<number, Member>();
  for (const traced of lineage.members) {
    const fates = fatesOf(traced);
    members.set(traced.history.order, { traced, fates, slots: slotsOf(traced.history, fates), children: [], carried: false, isMade: false });
  }
  for (const edge of lineage.edges) {
    const from = members.get(edge.from.order);
    const to = members.get(edge.to.order);
    if (!from || !to) continue;
    if (!CARRYING.has(edge.relation)) {
      to.isMade = true;
      continue;
    }
    to.carried = true;
    if (!from.children.includes(to)) from.children.push(to);
  }
  // Members stand behind those that they came from.
  for (const member of members.values()) if (member.isMade) for (const child of member.children) child.isMade = true;
  const resolved: ResolvedRecipient[] = [];
  for (const member of members.values()) {
    for (const slot of member.slots) {
      if (slot.claimed) continue;
      slot.claimed = true;
      const found = follow(member, slot, border, 0);
      // Numbers without an address behind a MID that came from another are the same people.
      if (member.carried && slot.address === null && resolved.some((other) => other.mid === found.mid)) continue;
      resolved.push({
        rid: slot.rid,
        address: slot.address ?? member.fates.rids.get(slot.rid ?? -1) ?? null,
        outcome: found.outcome,
        why: found.why,
        mid: found.mid,
        lines: found.lines,
        isMade: member.isMade,
      });
    }
  }
  return resolved;
}

/** What became of a message of which no recipient is known. */
export function fateWithoutRecipients(traced: TracedMid, border: Border): Fate {
  return fatesOf(traced).of(null, null) ?? { outcome: 'unknown', why: whyUnknown(traced, border, null), lines: [traced.history.last] };
}

function slotsOf(history: MessageHistory, fates: Fates): Slot[] {
  const slots: Slot[] = [];
  const known = new Set<number>();
  for (const { rid, address, rejectedBy, line } of history.recipients) {
    if (rid !== null) {
      if (known.has(rid)) continue;
      known.add(rid);
    }
    slots.push({ rid, address, rejectedBy, line, claimed: false });
  }
  for (const [rid, address] of fates.rids) if (!known.has(rid)) slots.push({ rid, address, rejectedBy: null, line: null, claimed: false });
  // Lines of one second may come in any order.
  return slots.sort((a, b) => (a.rid ?? Number.POSITIVE_INFINITY) - (b.rid ?? Number.POSITIVE_INFINITY) || 0);
}

function follow(member: Member, slot: Slot, border: Border, depth: number): Found {
  const { history } = member.traced;
  if (slot.rejectedBy !== null) {
    const why = `refused at RCPT by ${slot.rejectedBy}: the sending server was told at once`;
    return { outcome: 'bounced', why, lines: slot.line ? [slot.line] : [], mid: history.mid };
  }
  const own = member.fates.of(slot.rid, slot.address);
  const children = depth < MAX_DEPTH ? member.children : [];
  const next = children.flatMap((child) => {
    const match = matchSlot(child, slot, member);
    return match ? [{ child, match }] : [];
  });
  // The last MID that carries the recipient has the last word.
  const last = next.at(-1);
  for (const { match } of next) match.claimed = true;
  if (last && !(own?.outcome === 'delivered')) return follow(last.child, last.match, border, depth + 1);
  if (own) return { outcome: own.outcome, why: own.why, lines: own.lines, mid: history.mid };
  if (children.length > 0) return followUnnamed(member, children, border);
  return { outcome: 'unknown', why: whyUnknown(member.traced, border, member.fates.openAttempt(slot.rid)), lines: [history.last], mid: history.mid };
}

/** Deeper chains than a message passes through. */
const MAX_DEPTH = 100;

/** The same recipient under the next MID: by address; by number where one of the two is known by number only; the only one by being the only one. */
function matchSlot(child: Member, slot: Slot, parent: Member): Slot | null {
  const address = slot.address?.toLowerCase() ?? null;
  const named = child.slots.filter((other) => other.address !== null);
  if (address !== null) {
    const same = named.find((other) => other.address?.toLowerCase() === address);
    if (same) return same;
  }
  if (address === null || named.length === 0) {
    const byNumber = child.slots.find((other) => other.rid !== null && other.rid === slot.rid);
    if (byNumber) return byNumber;
  }
  // Rewritten to another recipient: one for one, as long as there is only one on each side.
  const [only] = child.slots;
  const isOnlyWay = parent.children.length === 1 && parent.slots.filter((other) => other.rejectedBy === null).length === 1;
  return child.slots.length === 1 && only && isOnlyWay ? only : null;
}

/** The message went on under other MIDs, none of which names the recipient. */
function followUnnamed(member: Member, children: readonly Member[], border: Border): Found {
  const ends = children.map((child) => {
    const mine = child.slots.map((slot) => follow(child, slot, border, MAX_DEPTH));
    const whole: Found = { ...fateWithoutRecipients(child.traced, border), mid: child.traced.history.mid };
    return mine.length > 0 ? mine : [whole];
  });
  const all = ends.flat();
  const [first] = all;
  const mids = joinWords(children.map((child) => child.traced.history.mid));
  if (first && all.every((end) => end.outcome === first.outcome)) return first;
  const why = `it went on as MID ${mids}, whose ends differ, and no line tells which of them this recipient got`;
  return { outcome: 'unknown', why, lines: all.flatMap((end) => end.lines), mid: member.traced.history.mid };
}
