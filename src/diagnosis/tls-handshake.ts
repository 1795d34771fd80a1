import type { Moment } from '../model/evidence.ts';
import type { SmtpDialogue } from '../model/smtp.ts';
import type { TlsEvent } from '../model/tls.ts';
import type { EpochUs } from '../model/units.ts';

/** How far a handshake had come (RFC 5246, 7.3; RFC 8446, 2). */
export type HandshakeStep = 'no-hello' | 'hello-unanswered' | 'server-hello' | 'server-flight' | 'client-flight';

/** The step before a moment, and the last event of TLS until then. */
export function handshakeBefore({ events, client }: SmtpDialogue, atUs: EpochUs): { readonly step: HandshakeStep; readonly last: Moment | null } {
  let step: HandshakeStep = 'no-hello';
  let last: Moment | null = null;
  for (const event of events) {
    if (event.kind !== 'tls' || event.what === 'alert' || event.what === 'encrypted-alert' || event.what === 'not-tls') continue;
    if (event.at.atUs >= atUs) break;
    last = event.at;
    step = nextStep(step, event, event.side === client);
  }
  return { step, last };
}

function nextStep(step: HandshakeStep, { what }: TlsEvent, byClient: boolean): HandshakeStep {
  if (what === 'client-hello') return step === 'no-hello' ? 'hello-unanswered' : step;
  if (what === 'server-hello') return 'server-hello';
  // In TLS 1.3 a change of cipher means nothing (RFC 8446, D.4); before, a handshake message stands in front of it.
  if (what === 'change-cipher') return step;
  // Behind the ServerHello comes the certificate, in TLS 1.3 within what looks like application data.
  if (!byClient) return step === 'server-hello' ? 'server-flight' : step;
  return step === 'server-hello' || step === 'server-flight' ? 'client-flight' : step;
}
