import type { CapturedSession } from '../../model/pairing.ts';
import type { SmtpTransaction } from '../../model/smtp.ts';
import type { TcpEndpoint } from '../../model/tcp.ts';

export function clientOf({ connection, dialogue }: CapturedSession): TcpEndpoint {
  return dialogue.client === 0 ? connection.originator : connection.responder;
}

export function serverOf({ connection, dialogue }: CapturedSession): TcpEndpoint {
  return dialogue.client === 0 ? connection.responder : connection.originator;
}

/** /16 in IPv4, /32 in IPv6: addresses of one are likely one organisation. */
export function networkOf(ip: string): string {
  const mark = ip.includes(':') ? ':' : '.';
  const end = ip.indexOf(mark, ip.indexOf(mark) + 1);
  return end < 0 ? ip : ip.slice(0, end);
}

/** Who sends what to whom: tries of one message share it. */
export function envelopeKey(session: CapturedSession, transaction: SmtpTransaction): string {
  const to = transaction.recipients.map(({ forwardPath }) => forwardPath).join(' ');
  return `${clientOf(session).ip} ${serverOf(session).ip} ${transaction.reversePath} ${to}`;
}
