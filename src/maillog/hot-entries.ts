import { canonicalAddress } from '../model/address.ts';
import type { LogEntry } from './entry.ts';
import type { HotKind, HotLine } from './hot-line.ts';
import { asciiText } from './octet-text.ts';
import { mayShowCredentials } from './credentials.ts';
import { unescapeText } from './quoting.ts';

/**
 * The entry of a line that was recognised. Only here texts are made, and only those that the entry holds. Null where one of them may
 * show credentials.
 */
export function entryOfHot(kind: HotKind, octets: Buffer, line: HotLine): LogEntry | null {
  const { mid, icid, dcid } = line;
  switch (kind) {
    case 'mid-queued':
    case 'mid-scan':
      return { kind, mid };
    case 'mid-policy':
      return { kind, mid, policy: asciiText(octets, line.a, line.aEnd), table: line.word };
    case 'mid-start':
      return { kind, mid, icid, note: null };
    case 'mid-from':
      return { kind, mid, icid, address: address(octets, line) };
    case 'mid-to':
      return { kind, mid, icid, rid: line.number, address: address(octets, line) };
    case 'mid-to-rejected':
      return { kind, mid, icid, address: address(octets, line), by: 'RAT' };
    case 'mid-message-id':
      return { kind, mid, messageId: quoted(octets, line) };
    case 'mid-subject':
      return { kind, mid, subject: quoted(octets, line) };
    case 'mid-ready':
      return { kind, mid, octets: line.number, from: address(octets, line) };
    case 'mid-helo':
      return { kind, mid, helo: asciiText(octets, line.a, line.aEnd).trim() };
    case 'mid-aborted':
      return { kind, mid, how: line.word === 'receiving' ? 'receiving' : 'by-sender', by: null };
    case 'mid-finished':
      return { kind, mid, how: line.word === 'done' ? 'done' : 'aborted' };
    case 'mid-response': {
      const response = quoted(octets, line);
      return mayShowCredentials(response) ? null : { kind, mid, rids: rids(octets, line), response };
    }
    case 'dcid-start':
    case 'dcid-done':
      return { kind, dcid, mid, rids: rids(octets, line), quarantine: false };
    case 'icid-lost':
    case 'icid-close':
      return { kind, icid };
    case 'dcid-close':
      return { kind, dcid };
    case 'icid-tls':
      return { kind, icid, ok: true, protocol: known(protocols, octets, line.a, line.aEnd), cipher: known(ciphers, octets, line.b, line.bEnd), reason: null };
    case 'dcid-tls':
      return { kind, dcid, ok: true, protocol: known(protocols, octets, line.a, line.aEnd), cipher: known(ciphers, octets, line.b, line.bEnd), reason: null };
    case 'icid-policy':
      return {
        kind,
        icid,
        action: line.word,
        group: known(groups, octets, line.a, line.aEnd),
        match: known(matches, octets, line.b, line.bEnd),
        score: line.cEnd === 0 ? null : known(scores, octets, line.c, line.cEnd),
      };
    case 'icid-open':
      return {
        kind,
        icid,
        interfaceName: known(interfaces, octets, line.a, line.aEnd),
        localIp: canonicalAddress(known(locals, octets, line.b, line.bEnd)),
        peerIp: canonicalAddress(asciiText(octets, line.c, line.cEnd)),
        reverseDns: asciiText(octets, line.d, line.dEnd),
        verified: line.word === 'yes',
      };
    case 'dcid-open':
      break;
  }
  return {
    kind,
    dcid,
    interfaceName: known(locals, octets, line.a, line.aEnd),
    remoteIp: canonicalAddress(asciiText(octets, line.b, line.bEnd)),
    remotePort: line.number,
  };
}

/** `<a@b>` without its brackets, or the text as it stands. */
function address(octets: Buffer, { a, aEnd }: HotLine): string {
  return octets[aEnd - 1] === 62 ? asciiText(octets, a + 1, aEnd - 1) : asciiText(octets, a, aEnd);
}

function quoted(octets: Buffer, { a, aEnd }: HotLine): string {
  return unescapeText(asciiText(octets, a + 1, aEnd - 1));
}

function rids(octets: Buffer, { b, bEnd }: HotLine): number[] {
  return asciiText(octets, b, bEnd).split(', ').map(Number);
}

/** What was last made in this place: the same few values come again and again, and one string serves them all. */
interface Memo {
  text: string;
}

const protocols: Memo = { text: '' };
const ciphers: Memo = { text: '' };
const groups: Memo = { text: '' };
const matches: Memo = { text: '' };
const scores: Memo = { text: '' };
const interfaces: Memo = { text: '' };
const locals: Memo = { text: '' };

function known(memo: Memo, octets: Buffer, from: number, to: number): string {
  const { text } = memo;
  if (text.length === to - from) {
    let i = 0;
    while (i < text.length && text.charCodeAt(i) === octets[from + i]) i++;
    if (i === text.length) return text;
  }
  memo.text = asciiText(octets, from, to);
  return memo.text;
}
