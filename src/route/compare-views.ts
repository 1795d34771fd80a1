import { readCaptures } from '../capture/index.ts';
import type { SessionComparison } from '../model/comparison.ts';
import type { PacketRef } from '../model/evidence.ts';
import type { Judgement } from '../model/judgement.ts';
import type { CapturedSession, Session } from '../model/pairing.ts';
import { type Point, compareSession } from '../vantage/index.ts';
import { joinViews, type Views } from './join-views.ts';
import { EMPTY_CONTEXT, type Vantage } from './read-vantages.ts';

/** A session of the report that may be compared. */
interface Entry {
  readonly id: string;
  readonly session: Session;
  judge(): Judgement;
}

/** Payloads held at once; packets behind are compared by their numbers alone. */
const OCTETS_BUDGET = 128 << 20;

/** Compares sessions over all vantage points; their packets' payloads are read again in one pass over the captures. */
export async function compareViews(entries: readonly Entry[], vantages: readonly Vantage[], ports: Uint8Array): Promise<SessionComparison[]> {
  const { viewsOf, clockOf } = joinViews(vantages);
  const seen = new Set<Views>();
  const wanted = entries.flatMap((entry) => {
    const { captured } = entry.session;
    const views = captured ? viewsOf(captured) : null;
    if (!views || seen.has(views)) return [];
    seen.add(views);
    return [{ entry, views }];
  });
  const octetsOf = await readOctets(
    vantages,
    wanted.flatMap(({ views }) => [...views.values()]),
    ports,
  );
  return wanted.map(({ entry, views }) => {
    const { id, session } = entry;
    const judgement = entry.judge();
    const points = vantages.map(
      (vantage): Point => ({ name: vantage.name, captured: views.get(vantage.name) ?? null, context: vantage.context ?? EMPTY_CONTEXT, octetsOf }),
    );
    const { cause, actor, confidence, statement } = judgement.verdict;
    return compareSession({
      session: id,
      direction: session.direction,
      verdict: { cause, actor, confidence, statement },
      ending: judgement.ending?.packet ?? null,
      points,
      clockBetween: clockOf,
    });
  });
}

/** Reads the captures once more and keeps the payloads of the wanted connections' packets. A pipe cannot be read again. */
async function readOctets(
  vantages: readonly Vantage[],
  sessions: readonly CapturedSession[],
  ports: Uint8Array,
): Promise<(packet: PacketRef) => Uint8Array | null> {
  const wanted = new Map<number, Map<number, Uint8Array | null>>();
  for (const { connection } of sessions) {
    for (const { input, packet, length } of connection.segments) {
      if (length === 0) continue;
      const numbers = wanted.get(input) ?? new Map<number, Uint8Array | null>();
      wanted.set(input, numbers.set(packet, null));
    }
  }
  let held = 0;
  const sink = {
    segment: ({
      input,
      packet,
      bytes,
      payloadAt,
      payloadCaptured,
    }: {
      input: number;
      packet: number;
      bytes: Uint8Array;
      payloadAt: number;
      payloadCaptured: number;
    }) => {
      const numbers = wanted.get(input);
      if (numbers?.get(packet) !== null || held + payloadCaptured > OCTETS_BUDGET) return;
      held += payloadCaptured;
      numbers.set(packet, bytes.slice(payloadAt, payloadAt + payloadCaptured));
    },
    icmp: () => undefined,
  };
  for (const { sources } of vantages) {
    const again = sources.filter((source) => !source.once && wanted.has(source.input));
    if (again.length > 0) await readCaptures(again, sink, { ports, smtpElsewhere: () => undefined });
  }
  return ({ input, number }) => wanted.get(input)?.get(number) ?? null;
}
