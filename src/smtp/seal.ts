import type { DialogueEvent, Owes, SmtpDialogue } from '../model/smtp.ts';
import type { TlsSummary } from '../model/tls.ts';
import type { Conversation } from './conversation.ts';
import { owesAt } from './owes.ts';
import { sealTransaction } from './transactions.ts';

/** Turns a finished conversation into its record: ordinals become indexes, references to what was not kept become null. */
export function sealDialogue(talk: Conversation, tls: TlsSummary | null, tlsSinceUs: number, isSmtp: boolean): SmtpDialogue {
  const position = (ordinal: number): number | null => talk.events.positionOf(ordinal);
  const place = (ordinal: number | null): number | null => (ordinal === null ? null : position(ordinal));
  const events: DialogueEvent[] = talk.events.toArray();
  if (talk.events.dropped > 0) {
    for (const event of talk.events.toArray()) {
      if (event.kind === 'command' || event.kind === 'data-start' || event.kind === 'data-end' || event.kind === 'chunk-end') event.reply = place(event.reply);
      else if (event.kind === 'reply') event.to = place(event.to);
    }
  }
  talk.ledger.settle();
  return {
    client: talk.client,
    isSmtp,
    events,
    eventsDropped: talk.events.dropped,
    greeting: talk.greeting,
    heloName: talk.heloName,
    esmtp: talk.esmtp,
    capabilities: talk.capabilities,
    transactions: talk.transactions.toArray().map((transaction) => sealTransaction(transaction, position)),
    stages: talk.stages.toArray(),
    tls,
    starttlsRefused: talk.starttlsRefused,
    quit: place(talk.quit),
    authenticated: talk.authenticated,
    xclient: talk.xclient,
    owes: owesAtEnd(talk, events, tls, tlsSinceUs),
    longestClientPauseUs: talk.rhythm.longestClientPauseUs,
    longestServerPauseUs: talk.rhythm.longestServerPauseUs,
    gaps: talk.gaps,
  };
}

function owesAtEnd({ client, lastClient }: Conversation, events: readonly DialogueEvent[], tls: TlsSummary | null, tlsSinceUs: number): Owes {
  const owes = owesAt({ client, events, tls }, Number.POSITIVE_INFINITY);
  // What the events cannot tell: when the last octet of a message, half a line or a record came.
  const heardUs = owes.what.startsWith('rest of') ? lastClient.atUs : owes.what === 'next TLS record' ? tlsSinceUs : 0;
  return heardUs > owes.sinceUs ? { ...owes, sinceUs: heardUs } : owes;
}
