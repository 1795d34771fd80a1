import type { Content } from './detect.ts';
import type { TextEncoding } from './text-encoding.ts';

interface TextCapture {
  readonly format: string;
  /** What gives a real capture instead; FILE stands for the path. */
  readonly advice: string;
  /** How its lines look. */
  readonly line: RegExp;
}

const PRINTED = 'packets printed as text are not read: most of what they carry is gone';

/**
 * Captures that were exported or printed as text, by the look of their lines. Wireshark itself reads k12text, and hexadecimal dumps
 * through text2pcap; the others have lost their octets (tcpdump, "OUTPUT FORMAT"; tshark, -T; Wireshark, "Export Packet Dissections").
 */
const TEXT_CAPTURES: readonly TextCapture[] = [
  {
    format: 'k12text',
    line: /^\+-{9}\+-{15}\+-{10}\+$/,
    advice: 'a capture written as K12 text is not read; convert it: editcap -F pcap -T ether FILE out.pcap',
  },
  {
    format: 'tcpdump text',
    line: /^(?:(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d{3,9} |\d{9,10}\.\d{6,9} )?(?:IP6? |[\da-f]{2}(?::[\da-f]{2}){5} > |ARP, |Out |In |ethertype )\S.{0,500}(?:: |, )(?:Flags \[|[A-Z.]{1,5} \d+:\d+\(|tcp \d|UDP, |ICMP|ICMP6|ethertype |proto |length \d)/,
    advice: `${PRINTED}; let tcpdump write the packets: tcpdump -s 0 -w out.pcap port 25 (or give the file that was read with -r)`,
  },
  {
    format: 'tcpdump text',
    line: /^(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d{3,9} IP6? \((?:tos|class|flowlabel|hlim) /,
    advice: `${PRINTED}; let tcpdump write the packets: tcpdump -s 0 -w out.pcap port 25 (or give the file that was read with -r)`,
  },
  {
    format: 'tshark text',
    line: /^ *\d{1,9} +(?:\d{4}-\d\d-\d\d )?[\d:]{1,12}[.,]\d{1,9} +\S{2,60} +(?:\u2192|->|\u00e2\u2020\u2019|\?) +\S{2,60} +[A-Z][\w./]{1,20} +\d{1,6} /,
    advice: `${PRINTED}; let tshark write the packets: tshark -r CAPTURE -w out.pcap (or give the capture itself)`,
  },
  {
    format: 'Wireshark text',
    line: /^(?:No\. +Time +Source +Destination +Protocol|"No\.","Time","Source","Destination"|Frame \d{1,9}: \d{1,6} bytes on wire|<\?xml-stylesheet [^>]{0,100}pdml|<(?:pdml|psml) version=| {0,8}"_index": "packets-)/,
    advice: `${PRINTED}; save the packets in Wireshark with File > Save As, or: tshark -r CAPTURE -w out.pcap`,
  },
  {
    format: 'hexadecimal dump',
    line: /^(?:0x)?0{3,8}:? {1,3}(?:[\da-f]{2} {1,2}){8}/i,
    advice: 'packets as a hexadecimal dump are not read; convert it: text2pcap FILE out.pcap (times are only kept with its option -t)',
  },
];

/** Lines from which a form is told; what stands before them (a prompt, `reading from file`) is less. */
const LINES_LOOKED_AT = 60;
/** A log line anywhere makes it a log, whatever else was pasted beside it. */
const LOG_LINE = /\b(?:Info|Warning|Critical|Debug|Trace): |\b(?:MID|ICID|DCID) \d/;

/** The capture that this text was made from, by its first octets; null for any other text. */
export function detectTextCapture(head: Uint8Array, encoding: TextEncoding): Content | null {
  const octets = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text =
    encoding === 'utf-16be'
      ? Buffer.from(octets.subarray(0, octets.length & ~1))
          .swap16()
          .toString('utf16le')
      : octets.toString(encoding);
  const lines = text
    .replace(/^\ufeff/, '')
    .split('\n', LINES_LOOKED_AT)
    .map((line) => line.slice(0, 1_000).trimEnd());
  const found = TEXT_CAPTURES.find(({ line }) => lines.some((one) => line.test(one)));
  if (!found || LOG_LINE.test(text)) return null;
  return { kind: 'unsupported', format: found.format, advice: found.advice };
}
