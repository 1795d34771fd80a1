import type { Inference, InferredPart, InferredRecord } from '../model/inference.ts';
import type { SmtpDialogue } from '../model/smtp.ts';
import { ContentType, type TlsEvent } from '../model/tls.ts';
import type { Side } from '../model/units.ts';
import { octets } from './dialogue-rows.ts';
import { type DraftRow, newRow } from './draft.ts';

/** Marks what nobody read. */
const ABOUT = '≈';

const NAMES: Readonly<Record<InferredPart['word'], string>> = {
  EHLO: 'EHLO …',
  AUTH: 'AUTH …',
  'AUTH-answer': 'answer to the challenge',
  MAIL: 'MAIL FROM:<…>',
  RCPT: 'RCPT TO:<…>',
  DATA: 'DATA',
  BDAT: 'BDAT …',
  chunk: 'piece of a chunk',
  message: 'piece of the message',
  'end-of-data': '. (end of data)',
  QUIT: 'QUIT',
  RSET: 'RSET',
  NOOP: 'NOOP',
  greeting: '220 (greeting)',
  reply: 'reply',
  notice: '421 (nobody asked)',
  handshake: 'TLS handshake',
  Finished: 'TLS Finished',
  NewSessionTicket: 'TLS NewSessionTicket',
  close_notify: 'TLS close_notify',
  alert: 'TLS alert',
};

/** Pieces of the same kind that follow one another are one row. */
const FOLDED = new Set<InferredPart['word']>(['message', 'chunk', 'handshake', 'NewSessionTicket']);

/** One row a record, in the words that fit its length; pieces of a message are folded. Records that fit nothing well enough stay records. */
export function rowsOfInference(inference: Inference, dialogue: SmtpDialogue): DraftRow[] {
  const rows: DraftRow[] = [];
  const events = eventsByPacket(dialogue);
  let run: InferredRecord[] = [];
  for (const record of inference.records) {
    const [first] = run;
    if (first && !(isFolded(record) && first.side === record.side && first.parts[0]?.word === record.parts[0]?.word)) {
      rows.push(rowOf(run, dialogue.client, events));
      run = [];
    }
    run.push(record);
    if (!isFolded(record)) {
      rows.push(rowOf(run, dialogue.client, events));
      run = [];
    }
  }
  if (run.length > 0) rows.push(rowOf(run, dialogue.client, events));
  return rows;
}

/** Whether a row of the inference shows what this event would. */
export function isInferred(event: TlsEvent, inference: Inference): boolean {
  if (event.what !== 'application-data' && event.what !== 'encrypted-alert') return false;
  const { packet } = event.at;
  return inference.records.some(({ side, at }) => side === event.side && at.packet.number === packet.number && at.packet.input === packet.input);
}

function isFolded(record: InferredRecord): boolean {
  const [part] = record.parts;
  return record.confidence !== 'undetermined' && record.parts.length === 1 && part !== undefined && FOLDED.has(part.word);
}

function eventsByPacket({ events }: SmtpDialogue): Map<string, number> {
  const found = new Map<string, number>();
  for (const [index, event] of events.entries()) {
    if (event.kind === 'tls' && event.what === 'application-data') found.set(`${event.side} ${event.at.packet.input} ${event.at.packet.number}`, index);
  }
  return found;
}

function rowOf(run: readonly InferredRecord[], client: Side, events: ReadonlyMap<string, number>): DraftRow {
  const [record, ...more] = run;
  if (!record) throw new Error('a row needs a record');
  const byClient = record.side === client;
  const { packet, atUs } = record.at;
  const refs = run.map(({ at }) => at.packet).filter((ref, i, all) => i === 0 || ref.number !== all[i - 1]?.number || ref.input !== all[i - 1]?.input);
  const isKnown = record.confidence !== 'undetermined';
  const least = run.reduce((sum, one) => sum + one.octets[0], 0);
  const most = run.reduce((sum, one) => sum + one.octets[1], 0);
  const size = least === most ? octets(most) : `${least.toLocaleString('en')} to ${octets(most)}`;
  const count = more.length === 0 ? '' : `${run.length} records, `;
  const text = isKnown
    ? `${ABOUT} ${record.parts.map(nameOf).join(' + ')}${most > 0 ? `, ${count}${size}` : ''}`
    : `[TLS] application data, ${size} of content`;
  const weakest = run.reduce((a, b) => (b.probability < a.probability ? b : a));
  const row = newRow('tls', atUs, refs, events.get(`${record.side} ${packet.input} ${packet.number}`) ?? null);
  return {
    ...row,
    lastUs: run.at(-1)?.at.atUs ?? atUs,
    ...(byClient ? { client: text, packets: '->' } : { appliance: text, packets: '<-' }),
    ...(isKnown ? { basis: 'inferred' as const, confidence: weakest.confidence } : {}),
    role: roleOf(record),
    words: record,
  };
}

/** What the row is for the place of log lines and the mark of the end. */
function roleOf(record: InferredRecord): DraftRow['role'] {
  if (record.confidence === 'undetermined' || record.type === ContentType.alert) return 'tls';
  const words = new Set(record.parts.map(({ word }) => word));
  if (['QUIT', 'MAIL', 'RCPT', 'DATA', 'EHLO', 'RSET', 'NOOP'].some((word) => words.has(word as InferredPart['word']))) return 'command';
  if (words.has('reply') || words.has('notice') || words.has('greeting')) return 'reply';
  return 'tls';
}

function nameOf({ word, to, positive, text }: InferredPart): string {
  if (text !== null) return text;
  if (word !== 'reply') return NAMES[word];
  const asked = to === null ? '' : ` to ${to === 'end-of-data' ? 'the end of data' : to}`;
  return positive === true ? `${to === 'DATA' ? '354' : to === 'QUIT' ? '221' : '2xx'}${asked}` : `4xx or 5xx${asked}`;
}
