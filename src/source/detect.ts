import type { Source } from '../model/source.ts';
import { FILE_KINDS } from './file-kinds.ts';
import { detectTextCapture } from './text-captures.ts';
import { textEncoding } from './text-encoding.ts';

/** Octets looked at to tell what a file is. */
export const HEAD_OCTETS = 65_536;

export interface Content {
  readonly kind: Source['kind'];
  /** `gzip` only when it could not be looked into. */
  readonly format: string;
  readonly advice: string | null;
}

/** Lines of an NSS key log behind comments (draft-ietf-tls-keylogfile). */
const KEY_LOG = /^(?:[ \t\r]*(?:#[^\n]*)?\n)*(?:RSA (?:Session-ID:)?|[A-Z][A-Z0-9_]* )[0-9A-Fa-f]{16,64}[ :]/;

function isKeyLog(head: Uint8Array): boolean {
  return KEY_LOG.test(Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1'));
}

/** What a file is, by its first octets alone; the name is never asked. */
export function detectContent(head: Uint8Array): Content {
  if (head.length === 0) return { kind: 'empty', format: 'empty', advice: null };
  const known = FILE_KINDS.find((candidate) => candidate.matches(head));
  if (known) return { kind: known.kind, format: known.format, advice: known.advice };
  const encoding = textEncoding(head);
  const printed = encoding === null ? null : detectTextCapture(head, encoding);
  if (printed) return printed;
  if (encoding === 'utf-8' && isKeyLog(head)) return { kind: 'keys', format: 'TLS key log', advice: null };
  if (encoding !== null) return { kind: 'text', format: encoding === 'utf-8' ? 'text' : `text (${encoding})`, advice: null };
  const first = [...head.subarray(0, 8)].map((octet) => octet.toString(16).padStart(2, '0')).join(' ');
  return {
    kind: 'unsupported',
    format: 'unknown',
    advice: `neither a capture nor text (it begins with ${first}); if Wireshark opens it, convert it: editcap -F pcap FILE out.pcap`,
  };
}
