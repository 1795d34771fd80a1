import type { Analysis } from '../model/analysis.ts';
import type { MailLog } from '../model/maillog.ts';
import type { PairingResult } from '../model/pairing.ts';
import type { Takeout, TakeoutSession } from '../model/takeout.ts';
import { joinViews } from './join-views.ts';
import type { Vantage } from './read-vantages.ts';
import type { SessionEntry } from './session-list.ts';

/** What an analysis rests on. */
interface Grounds {
  readonly vantages: readonly Vantage[];
  readonly ports: Uint8Array;
  readonly log: MailLog | null;
  readonly pairing: PairingResult;
  readonly transcriptOf: Analysis['transcripts'];
}

/** Sessions with their connections at all vantage points. */
export function takeOut(entries: readonly SessionEntry[], { vantages, ports, log, pairing, transcriptOf }: Grounds): Takeout {
  const { viewsOf } = joinViews(vantages);
  const sessions = entries.map((entry): TakeoutSession => {
    const { id, session } = entry;
    const { ending } = entry.judge();
    const views = session.captured ? viewsOf(session.captured) : null;
    return {
      report: entry.report(),
      session,
      transcript: () => transcriptOf(id),
      ending: ending?.packet ? { packet: ending.packet, words: ending.words } : null,
      connections: new Map([...(views ?? [])].map(([name, { connection }]) => [name, connection])),
    };
  });
  return {
    sessions,
    vantages: vantages.map(({ name, sources, summaries, context }) => ({ name, sources, summaries, context })),
    ports,
    log,
    clock: pairing.clock,
    estimates: pairing.estimates,
    applianceAddresses: pairing.applianceAddresses,
  };
}
