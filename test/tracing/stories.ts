import { decodeHeaderText, readLogs } from '../../src/maillog/index.ts';
import type { ClockMap } from '../../src/model/pairing.ts';
import type { ReportMessage } from '../../src/model/report.ts';
import { EVERYTHING, type Selection } from '../../src/model/settings.ts';
import { MessageTraces, type TracedSession } from '../../src/tracing/index.ts';
import type { MailLog } from '../../src/model/maillog.ts';
import { textSource } from '../maillog/sources.ts';

/** The log's clock is UTC, and no capture is joined with it. */
export const PLAIN_CLOCK: ClockMap = { estimate: null, toCapture: () => null, toUtc: (wallUs) => wallUs };

/** Lines `HH:MM:SS text` of one day, as a log file. */
export function logOf(...lines: readonly string[]): string {
  return lines
    .map((line) => (/^\d\d:/.test(line) ? `Tue Mar  3 ${line.slice(0, 8)} 2026 Info: ${line.slice(9)}` : line))
    .join('\n')
    .concat('\n');
}

/** The header of a log file. */
export function headerOf(time: string, serial: string): string[] {
  return [`${time} Begin Logfile`, `${time} Version: 15.0.1-030 SN: ${serial}`, `${time} Time offset from UTC: 0 seconds`];
}

export async function readAll(...files: readonly string[]): Promise<MailLog> {
  return await readLogs(files.map((file, input) => textSource(file, input)));
}

export async function tell(
  files: readonly string[] | string,
  selection: Partial<Selection> = {},
  sessions: (log: MailLog) => readonly TracedSession[] = () => [],
  clock: ClockMap = PLAIN_CLOCK,
): Promise<ReportMessage[]> {
  const log = await readAll(...(typeof files === 'string' ? [files] : files));
  return [...new MessageTraces({ log, sessions: sessions(log), clock, decodeHeader: decodeHeaderText }, { ...EVERYTHING, ...selection })];
}

/** `address outcome MID`, one a recipient: the shortest that says it all. */
export function outcomes({ recipients }: ReportMessage): string[] {
  return recipients.map(({ address, rid, outcome, mid }) => `${address ?? `RID ${rid}`} ${outcome} ${mid}`);
}

/** One message received: MAIL, RCPT for each recipient, accepted. */
export function received(mid: number, icid: number, recipients: readonly string[], time = '10:00:00'): string[] {
  return [
    `${time} New SMTP ICID ${icid} interface Data 1 (192.0.2.25) address 198.51.100.7 reverse dns host mx.partner.example verified yes`,
    `${time} ICID ${icid} ACCEPT SG UNKNOWNLIST match sbrs[-1.0:10.0] SBRS 3.5`,
    `${time} Start MID ${mid} ICID ${icid}`,
    `${time} MID ${mid} ICID ${icid} From: <ann@partner.example>`,
    ...recipients.map((recipient, rid) => `${time} MID ${mid} ICID ${icid} RID ${rid} To: <${recipient}>`),
    `${time} MID ${mid} Message-ID '<figures.${mid}@partner.example>'`,
    `${time} MID ${mid} Subject 'Figures ${mid}'`,
    `${time} MID ${mid} ready 2048 bytes from <ann@partner.example>`,
    `${time} MID ${mid} matched all recipients for per-recipient policy DEFAULT in the inbound table`,
  ];
}

/** One delivery that the receiver accepted. */
export function delivered(mid: number, dcid: number, rids: readonly number[], from = '10:00:05', to = '10:00:06'): string[] {
  const list = `[${rids.join(', ')}]`;
  return [
    `${from} New SMTP DCID ${dcid} interface 192.0.2.25 address 203.0.113.80 port 25`,
    `${from} Delivery start DCID ${dcid} MID ${mid} to RID ${list}`,
    `${to} Message done DCID ${dcid} MID ${mid} to RID ${list}`,
    `${to} MID ${mid} RID ${list} Response '2.0.0 Ok: queued as Q${dcid}'`,
  ];
}
