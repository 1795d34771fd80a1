import type { PacketRef } from '../model/evidence.ts';
import type { DialogueEvent, SmtpCommand, SmtpDialogue, SmtpOddity, SmtpReply } from '../model/smtp.ts';
import type { TlsEvent } from '../model/tls.ts';
import { type DraftRow, newRow } from './draft.ts';

/** Longer replies are cut: the transcript shows the course of a session, not its texts. */
const LONGEST_TEXT = 300;

const ODDITIES: Readonly<Record<SmtpOddity['what'], string>> = {
  binary: 'binary octets',
  'overlong-line': 'overlong line',
  'bare-line-feed': 'line without CR',
  'before-greeting': 'before the greeting',
  'after-quit': 'after QUIT',
};

const TLS_RECORDS: Readonly<Record<TlsEvent['what'], string>> = {
  'client-hello': 'client hello',
  'server-hello': 'server hello',
  'change-cipher': 'change cipher',
  handshake: 'handshake',
  'application-data': 'application data',
  alert: 'alert',
  'encrypted-alert': 'encrypted alert',
  'not-tls': 'octets that are no TLS',
};

/** One row an event: commands on the left, replies on the right. The start of the message and gaps are shown by the packets. */
export function rowsOfDialogue(dialogue: SmtpDialogue): DraftRow[] {
  const rows: DraftRow[] = [];
  for (const [index, event] of dialogue.events.entries()) {
    const row = rowOf(event, index, dialogue);
    if (row) rows.push(event.kind !== 'gap' && event.decrypted ? { ...row, basis: 'decrypted' } : row);
  }
  return rows;
}

function rowOf(event: DialogueEvent, index: number, dialogue: SmtpDialogue): DraftRow | null {
  switch (event.kind) {
    case 'command':
      return { ...newRow('command', event.at.atUs, span(event), index), client: describeCommand(event), packets: '->' };
    case 'reply':
      return { ...newRow('reply', event.at.atUs, span(event), index), appliance: describeReply(event), packets: '<-' };
    case 'data-end':
      return { ...newRow('data', event.at.atUs, [event.at.packet], index), client: `. (end of data, ${octets(event.octets)})`, packets: '->' };
    case 'chunk-end':
      return { ...newRow('data', event.at.atUs, [event.at.packet], index), client: `(end of chunk, ${octets(event.octets)} so far)`, packets: '->' };
    case 'tls':
      return placeBySide(newRow('tls', event.at.atUs, [event.at.packet], index), event.side === dialogue.client, describeTls(event));
    case 'oddity':
      return placeBySide(
        newRow('event', event.at.atUs, [event.at.packet], index),
        event.side === dialogue.client,
        `(${ODDITIES[event.what]}) ${cut(event.text)}`.trim(),
      );
    case 'data-start':
    case 'gap':
      break;
  }
  return null;
}

function placeBySide(row: DraftRow, byClient: boolean, text: string): DraftRow {
  return byClient ? { ...row, client: text, packets: '->' } : { ...row, appliance: text, packets: '<-' };
}

function span(event: SmtpCommand | SmtpReply): PacketRef[] {
  const { packet } = event.at;
  return packet.input === event.completedBy.input && packet.number === event.completedBy.number ? [packet] : [packet, event.completedBy];
}

function describeCommand(command: SmtpCommand): string {
  const notes = [command.complete ? '' : 'line not finished', command.afterGap ? 'behind a gap' : ''];
  return withNotes(cut(`${command.verb} ${command.argument}`.trim()), notes);
}

function describeReply(reply: SmtpReply): string {
  const text = reply.lines.map((line) => line.trim()).join(' | ');
  const unasked = reply.role === 'unsolicited' ? 'nobody asked' : '';
  const notes = [unasked, reply.complete ? '' : 'not finished', reply.afterGap ? 'behind a gap' : ''];
  return withNotes(cut(reply.code === 0 ? text : `${String(reply.code)} ${text}`.trim()), notes);
}

function describeTls(event: TlsEvent): string {
  const amount = event.octets > 0 ? `, ${octets(event.octets)}` : '';
  return `[TLS] ${TLS_RECORDS[event.what]}${event.text === null ? '' : ` (${cut(event.text)})`}${amount}`;
}

function withNotes(text: string, notes: readonly string[]): string {
  const said = notes.filter((note) => note !== '');
  return said.length === 0 ? text : `${text} (${said.join('; ')})`;
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}

/** `1 octet`, `1,204 octets`. */
export function octets(count: number): string {
  return `${String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',')} octet${count === 1 ? '' : 's'}`;
}
