import type { LogLine } from '../model/maillog.ts';
import type { Session } from '../model/pairing.ts';
import type { DialogueEvent, SmtpDialogue, SmtpTransaction } from '../model/smtp.ts';
import type { Side } from '../model/units.ts';
import type { DraftRow } from './draft.ts';

/** What a log line is looked up in. */
interface Places {
  readonly rows: readonly DraftRow[];
  readonly end: DraftRow | null;
  /** The client's first protected record: by then the handshake is over on its side. */
  readonly tlsEstablished: DraftRow | null;
  byEvent(event: number | null): DraftRow | null;
  transactionOf(mid: number): SmtpTransaction | null;
}

interface Anchor {
  readonly pattern: RegExp;
  find(places: Places, match: RegExpExecArray): DraftRow | null;
}

const first = (places: Places, role: DraftRow['role']): DraftRow | null => places.rows.find((row) => row.role === role) ?? null;
const last = (places: Places, role: DraftRow['role']): DraftRow | null => places.rows.findLast((row) => row.role === role) ?? null;
const connected = (places: Places): DraftRow | null => first(places, 'handshake') ?? first(places, 'syn') ?? places.rows[0] ?? null;
const ended = (places: Places): DraftRow | null => places.end ?? first(places, 'rst') ?? first(places, 'fin');

/** Behind which moment of the dialogue the appliance writes a line; shapes as in mail_logs, first that fits. */
const ANCHORS: readonly Anchor[] = [
  { pattern: /^New SMTP (?:ICID|DCID) /i, find: connected },
  { pattern: /^ICID \d+ (?:ACCEPT|RELAY|REJECT|TCPREFUSE|SBRS) /, find: connected },
  { pattern: /^(?:ICID|DCID) \d+ TLS success/, find: (places) => places.tlsEstablished ?? last(places, 'tls') },
  { pattern: /^(?:ICID|DCID) \d+ TLS /, find: (places) => last(places, 'tls') },
  { pattern: /^Start MID (\d+) /, find: (places, match) => places.byEvent(places.transactionOf(Number(match[1]))?.mail ?? null) },
  { pattern: /^MID (\d+) ICID \d+ From: /, find: (places, match) => places.byEvent(places.transactionOf(Number(match[1]))?.mail ?? null) },
  {
    pattern: /^MID (\d+) ICID \d+ (?:RID \d+ )?To: <([^>]*)>/,
    find: (places, match) => {
      const address = (match[2] ?? '').toLowerCase();
      const recipients = places.transactionOf(Number(match[1]))?.recipients ?? [];
      return places.byEvent(recipients.find((recipient) => recipient.forwardPath.toLowerCase().includes(address))?.command ?? null);
    },
  },
  { pattern: /^MID (\d+) (?:Message-ID|Subject|ready) /, find: endOfData },
  {
    pattern: /^Message (?:aborted|finished) MID (\d+) (?:Receiving|aborted)/,
    find: (places, match) => places.byEvent(places.transactionOf(Number(match[1]))?.withdrawnBy ?? null) ?? ended(places),
  },
  { pattern: /^Delivery start DCID \d+ MID (\d+) /, find: (places, match) => places.byEvent(places.transactionOf(Number(match[1]))?.mail ?? null) },
  { pattern: /^Message done DCID \d+ MID (\d+) /, find: finalReply },
  { pattern: /^MID (\d+) RID +\[[^\]]*\] Response /, find: finalReply },
  { pattern: /^ICID \d+ lost/, find: ended },
  { pattern: /^(?:ICID|DCID) \d+ close/, find: (places) => last(places, 'fin') ?? ended(places) },
];

function endOfData(places: Places, match: RegExpExecArray): DraftRow | null {
  const transaction = places.transactionOf(Number(match[1]));
  if (!transaction) return null;
  return places.byEvent(transaction.finalReply) ?? places.byEvent(transaction.data);
}

function finalReply(places: Places, match: RegExpExecArray): DraftRow | null {
  return places.byEvent(places.transactionOf(Number(match[1]))?.finalReply ?? null);
}

/** A record of application data of the client, or what was read of one. */
function isProtected(event: DialogueEvent, client: Side): boolean {
  if (event.kind === 'tls') return event.what === 'application-data' && event.side === client;
  return event.kind === 'command' && event.decrypted === true;
}

/** Looks up the row behind which a log line logically belongs; null where only its time can tell. */
export function anchorsOf(session: Session, rows: readonly DraftRow[], end: DraftRow | null): (line: LogLine) => DraftRow | null {
  const rowByEvent = new Map<number, DraftRow>();
  for (const row of rows) if (row.event !== null) rowByEvent.set(row.event, row);
  const byMid = transactionsByMid(session);
  const byEvent = (event: number | null): DraftRow | null => (event === null ? null : (rowByEvent.get(event) ?? null));
  const dialogue = session.captured?.dialogue ?? null;
  const places: Places = {
    rows,
    end,
    tlsEstablished: dialogue ? byEvent(dialogue.events.findIndex((event) => isProtected(event, dialogue.client))) : null,
    byEvent,
    transactionOf: (mid) => byMid.get(mid) ?? null,
  };
  return (line) => {
    for (const anchor of ANCHORS) {
      const match = anchor.pattern.exec(line.text);
      if (match) return anchor.find(places, match);
    }
    return null;
  };
}

/** The reply `Message N accepted` names a transaction's MID; the others follow in order, because the appliance gives a MID to each MAIL that it takes. */
function transactionsByMid(session: Session): Map<number, SmtpTransaction> {
  const byMid = new Map<number, SmtpTransaction>();
  const dialogue = session.captured?.dialogue;
  if (!dialogue) return byMid;
  const taken = dialogue.transactions.filter((transaction) => isTaken(dialogue, transaction));
  for (const transaction of taken) if (transaction.acceptedMid !== null) byMid.set(transaction.acceptedMid, transaction);
  const mids = session.injection?.mids ?? session.delivery?.mids ?? [];
  for (const [index, mid] of mids.entries()) {
    const transaction = taken[index];
    if (transaction && !byMid.has(mid) && (transaction.acceptedMid === null || session.delivery)) byMid.set(mid, transaction);
  }
  return byMid;
}

/** MAIL was answered 2xx, or is still owed an answer. */
function isTaken(dialogue: SmtpDialogue, transaction: SmtpTransaction): boolean {
  const mail = dialogue.events[transaction.mail];
  if (mail?.kind !== 'command' || mail.reply === null) return true;
  const reply = dialogue.events[mail.reply];
  return reply?.kind !== 'reply' || reply.code < 300;
}

/** Looks up the row of the dialogue that a record of the injection debug log repeats, at or behind index `from`. */
export function wordsOf(rows: readonly DraftRow[]): (words: string, received: boolean, from: number) => number | null {
  const places = new Map<string, number[]>();
  for (const [at, row] of rows.entries()) {
    if (row.role !== 'command' && row.role !== 'reply') continue;
    const key = `${row.role} ${condense(row.role === 'command' ? row.client : row.appliance)}`;
    const known = places.get(key) ?? [];
    known.push(at);
    places.set(key, known);
  }
  return (words, received, from) => places.get(`${received ? 'command' : 'reply'} ${condense(words)}`)?.find((at) => at >= from) ?? null;
}

/** Letters and digits only, without the codes in front of continued lines: the two sources mark line ends differently. */
function condense(text: string): string {
  return text
    .replace(/\| *\d{3}[ -]/g, '')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}
