import { contentOctets, overheadOfSession, suiteOf, type RecordOverhead } from '../model/cipher-suites.ts';
import { ContentType, RECORDS_KEPT, type TlsRecord, type TlsSummary } from '../model/tls.ts';
import type { Side } from '../model/units.ts';
import type { RecordView } from './reading.ts';

/** The records of a session that carry words, and what stands before them. */
export interface Words {
  readonly handshake: readonly { readonly record: TlsRecord; readonly word: 'handshake' | 'Finished' }[];
  readonly words: readonly RecordView[];
  readonly isTls13: boolean;
}

/** Header of a handshake message, then as many octets as the hash of the suite (RFC 8446, 4.4.4). */
const FINISHED_OCTETS = { sha256: 4 + 32, sha384: 4 + 48 } as const;
/** Level and description (RFC 8446, 6). */
const ALERT_OCTETS = 2;

/** Null where nothing tells how much a record holds: the hello was not seen, or the suite is unknown. */
export function wordsOf(tls: TlsSummary, client: Side): Words | null {
  const suite = tls.suite === null ? null : suiteOf(tls.suite);
  const overhead = overheadOfSession(tls);
  if (!overhead || !suite) return null;
  const isTls13 = tls.version === 'TLSv1.3';
  const from = isTls13 ? behindFinished(tls, client, overhead, FINISHED_OCTETS[suite.prf]) : 0;
  if (from === null) return null;
  const gapAt = tls.recordsDropped > 0 ? RECORDS_KEPT.first : -1;
  const words: RecordView[] = [];
  let beforeUs = tls.records[from - 1]?.at.atUs ?? tls.firstUs;
  let behindGap = false;
  for (const [i, record] of tls.records.entries()) {
    behindGap ||= i === gapAt;
    if (i < from || !carriesWords(record, isTls13, words.length > 0)) continue;
    const octets = contentOctets(overhead, record.length);
    if (!octets) continue;
    const isAlert = record.type === ContentType.alert ? 'surely' : isTls13 && octets[1] === ALERT_OCTETS ? 'likely' : 'no';
    words.push({
      by: record.side === client ? 'client' : 'server',
      at: record.at,
      type: record.type,
      octets,
      pauseUs: record.at.atUs - beforeUs,
      isAlert,
      behindGap,
    });
    beforeUs = record.at.atUs;
    behindGap = false;
  }
  return { handshake: isTls13 ? hiddenHandshake(tls.records.slice(0, from), client) : [], words, isTls13 };
}

function carriesWords(record: TlsRecord, isTls13: boolean, begun: boolean): boolean {
  if (record.type === ContentType.applicationData) return true;
  return record.type === ContentType.alert && !isTls13 && begun;
}

/** The first record behind the client's Finished, which in TLS 1.3 looks like any other but for its length; null where it is not among them. */
function behindFinished({ records }: TlsSummary, client: Side, overhead: RecordOverhead, finished: number): number | null {
  const at = records.findIndex(({ side, type, length }) => {
    const octets = contentOctets(overhead, length);
    return side === client && type === ContentType.applicationData && octets !== null && octets[1] === finished;
  });
  return at < 0 ? null : at + 1;
}

function hiddenHandshake(records: readonly TlsRecord[], client: Side): Words['handshake'] {
  const hidden = records.filter(({ type }) => type === ContentType.applicationData);
  const last = hidden.at(-1);
  return hidden.map((record) => ({ record, word: record === last && record.side === client ? 'Finished' : 'handshake' }));
}
