import type { Analysis } from '../model/analysis.ts';
import { counted } from '../render/index.ts';
import type { Replaced } from '../share/index.ts';

/** More are in the reports. */
const MOST_VERDICTS = 100;
const DIGITS = /^\d+$/;

/** How many of each kind were replaced. */
export function countReplaced({ addresses, hardware, words }: Replaced): string {
  const numbers = [...words.keys()].filter((word) => DIGITS.test(word)).length;
  return [
    counted(addresses.size, 'address', 'addresses'),
    counted(words.size - numbers, 'word'),
    counted(numbers, 'number'),
    counted(hardware.size, 'hardware address', 'hardware addresses'),
  ].join(', ');
}

/** What whoever is given the bundle has to know. */
export function shareReadme(verdicts: readonly string[], lost: readonly string[], replaced: Replaced, { report }: Analysis): string {
  return `What happened to ${counted(verdicts.length, 'mail session')}, without the names of those concerned. Made by ${report.tool.name} ${report.tool.version}.

  incident.html   the verdicts as a page for any browser; verdict.md the same as text, verdict.json for programs
  capture.pcapng  the packets, where there were any; a vantage point is an interface
  mail.log        the lines of the appliance's log about these sessions

${verdicts
  .slice(0, MOST_VERDICTS)
  .map((verdict) => `  ${verdict}\n`)
  .join('')}${verdicts.length > MOST_VERDICTS ? `  … and ${verdicts.length - MOST_VERDICTS} more, in verdict.json\n` : ''}
${lost.length === 0 ? '' : `Left out, because without names the verdict would be another one:\n${lost.map((words) => `  ${words}\n`).join('')}\n`}Replaced, each by the same pseudonym wherever it stood, at equal length: ${countReplaced(replaced)}.
  IP addresses: in packets of all layers, quotes of ICMP errors, logs and texts. What shared a prefix (/8, /16, /24; groups of IPv6) shares one still; private addresses stay private.
  Words: of mailboxes, domains, hosts, HELO names, banners, Message-IDs, subjects, serial numbers, names of policies and interfaces, server names of TLS, and every word of a reply or a log
  line that is none of the protocol's.
  Numbers: all in words and texts but those whose meaning is known: MID, ICID, DCID, RID, sizes, durations, ports and scores in their places of the log, reply codes, SIZE, BDAT, and the like.
Cut: message bodies, header fields but those above, AUTH exchanges, certificates and all that TLS carries, unknown commands, IP options, cookies in TCP options, padding and trailers, names and
comments of capture files, tunnels around the packets, decryption secrets, log lines in no known shape.
Unchanged: times, lengths, sequence numbers, ports, TTLs, flags, windows, IP identifications, ICIDs, MIDs and DCIDs. The verdicts were reached again from these files alone and are the same.
`;
}
