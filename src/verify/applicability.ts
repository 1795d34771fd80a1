import type { ReportInput } from '../model/report.ts';
import type { Source } from '../model/source.ts';

const HEADER_OCTETS = 24;
/** First four octets of the file, and why the second reader cannot read it; null where it can. */
const MAGICS: ReadonlyMap<string, string | null> = new Map([
  ['a1b2c3d4', null],
  ['d4c3b2a1', null],
  ['a1b23c4d', 'pcap-parser knows no nanosecond pcap'],
  ['4d3cb2a1', 'pcap-parser knows no nanosecond pcap'],
  ['a1b2cd34', 'pcap-parser does not know the modified pcap format'],
  ['34cdb2a1', 'pcap-parser does not know the modified pcap format'],
  ['0a0d0d0a', 'pcap-parser knows no pcapng'],
]);

/** After these, packet numbers of the two readers need not mean the same packet. */
const DISTURBING: ReadonlyMap<string, string> = new Map([
  ['concatenated', 'several captures follow one another in the file, which pcap-parser does not know'],
  ['corrupt-record', 'the file is damaged, and pcap-parser does not find its way back'],
]);

/** Why the second reader cannot read this capture; null where it can. */
export async function whyNotApplicable(source: Source, input: Pick<ReportInput, 'anomalies'>): Promise<string | null> {
  if (source.once === true || source.path === '-') return 'a pipe can be read only once';
  if (source.format.includes('gzip')) return 'pcap-parser does not unpack gzip; unpack the file and verify again';
  const head = await readHead(source);
  if (head.length < HEADER_OCTETS) return 'the file is too short for a capture header';
  const hex = Buffer.from(head.subarray(0, 4)).toString('hex');
  const unknown = MAGICS.get(hex);
  if (unknown !== null) return unknown ?? 'pcap-parser does not know this format';
  const view = new DataView(head.buffer, head.byteOffset);
  const isLittle = hex === 'd4c3b2a1';
  const [major, minor] = [view.getUint16(4, isLittle), view.getUint16(6, isLittle)];
  if (major !== 2 || minor !== 4) return `pcap-parser reads only version 2.4, this is ${major}.${minor}`;
  for (const { kind } of input.anomalies) {
    const why = DISTURBING.get(kind);
    if (why !== undefined) return why;
  }
  return null;
}

async function readHead(source: Source): Promise<Uint8Array> {
  const head = new Uint8Array(HEADER_OCTETS);
  const reader = source.open();
  let filled = 0;
  try {
    while (filled < HEADER_OCTETS) {
      const count = await reader.read(head, filled, HEADER_OCTETS - filled);
      if (count === 0) break;
      filled += count;
    }
  } finally {
    await reader.close();
  }
  return head.subarray(0, filled);
}
