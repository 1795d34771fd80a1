import type { Analysis } from '../model/analysis.ts';
import type { ReportSession } from '../model/report.ts';
import { INBOUND_TIMEOUT_SECONDS, MAIL_PORTS, TOTAL_TIME_LIMIT_SECONDS } from '../model/settings.ts';
import { shellWord } from '../model/shell-word.ts';
import { UserError } from '../model/user-error.ts';
import { annotate, counted, escapeText } from '../render/index.ts';
import type { Takeout } from '../model/takeout.ts';
import { sessionsToTake } from './commands.ts';
import type { Invocation } from './invocation.ts';
import type { Io } from './io.ts';
import { refuseInputs, writeOutputFile } from './output-files.ts';

export const EXTRACT_FILE = 'evidence.pcapng';

/** Writes the packets and lines of the selected sessions; the pieces of standard output say what was written. */
export async function extractEvidence(analysis: Analysis, invocation: Invocation, io: Io): Promise<string[]> {
  const ids = sessionsToTake(analysis, invocation);
  if (ids.length === 0) return [];
  const takeout = analysis.takeOut(ids);
  refusePipes(takeout);
  const route = await io.takeaway();
  const path = invocation.output.file ?? EXTRACT_FILE;
  const logs = route.extractLogs(takeout).map(({ text }, index) => ({ path: logPath(path, index), text }));
  refuseInputs(
    [path, ...logs.map((log) => log.path)],
    analysis.sources.map((source) => source.path),
  );
  const said: string[] = [];
  if (takeout.sessions.some(({ connections }) => connections.size > 0)) said.push(...(await writePackets(analysis, takeout, path, invocation, io)));
  else said.push(`no packets: ${takeout.sessions.length === 1 ? 'the session is' : 'the sessions are'} known from the log only\n`);
  for (const log of logs) {
    writeOutputFile(log.path, [log.text], io.createFile);
    said.push(`${escapeText(log.path)}: ${counted(log.text.split('\n').length - 1, 'log line')}, wrapped ones joined, credentials removed\n`);
  }
  const files = [...(said[0]?.startsWith('no packets') ? [] : [path]), ...logs.map((log) => log.path)];
  return [...said, `judge it again: ${escapeText(['whohungup', ...files.map(shellWord), ...settingsOf(analysis, takeout, invocation)].join(' '))}\n`];
}

async function writePackets(analysis: Analysis, takeout: Takeout, path: string, { output }: Invocation, io: Io): Promise<string[]> {
  const { report } = analysis;
  const route = await io.takeaway();
  const hashes = await Promise.all(analysis.sources.map((source) => route.hashFile(source.path).catch(() => null)));
  const { section, of } = annotate(takeout.sessions, report, hashes);
  const file = io.createFile(path);
  try {
    const names = takeout.vantages.filter(({ name }) => takeout.sessions.some(({ connections }) => connections.has(name))).map(({ name }) => name);
    const summary = await route.writeExtract(takeout, {
      application: `${report.tool.name} ${report.tool.version}`,
      comments: [...section, ...(names.length > 1 ? [MANY_NOTE] : []), output.raw ? RAW_NOTE : CONCEALED_NOTE, route.vantageComment(names)],
      commentsOf: of,
      overwritten: (octets, isRenewed) =>
        `${counted(octets, 'octet')} of the message or of credentials overwritten with x at equal length; ${isRenewed ? 'the checksum was computed anew' : 'the checksum is the original one'}`,
      raw: output.raw,
      disguise: null,
      write: (octets) => file.write(octets),
    });
    file.close();
    const points = summary.vantages.length === 1 ? `taken at: ${summary.vantages[0]}` : `an interface for each vantage point: ${summary.vantages.join(', ')}`;
    return [
      `${escapeText(path)}: ${counted(summary.packets, 'packet')} of ${counted(takeout.sessions.length, 'session')}, ${escapeText(points)}; ${counted(summary.commented, 'packet')} with comments (in Wireshark: frame.comment)\n`,
      output.raw
        ? 'every octet was kept, message bodies and credentials included: look at it before you give it away\n'
        : `overwritten: ${counted(summary.overwrittenOctets, 'octet')} of message bodies and credentials in ${counted(summary.overwrittenPackets, 'packet')} (--raw keeps them)\n`,
    ];
  } catch (error) {
    file.drop();
    throw error;
  }
}

const MANY_NOTE = 'Each vantage point is an interface of its own. To look at one: frame.interface_name == "appliance"';
const RAW_NOTE = 'Every octet is as it was captured: message bodies and credentials are in it.';
const CONCEALED_NOTE =
  'Message bodies and AUTH exchanges were overwritten with x at equal length; decryption secrets were left out; what lay behind the IP packets (padding, trailers) is zero. Headers, addresses and names are as they were captured.';

export function refusePipes({ vantages }: Takeout): void {
  const pipe = vantages.flatMap(({ sources }) => sources).find((source) => source.once);
  if (pipe) throw new UserError('usage', `${pipe.path} is a pipe, and packets are read a second time to be written`, 'save the capture to a file first');
}

/** `evidence.log` beside `evidence.pcapng`; further logs are numbered. */
function logPath(path: string, index: number): string {
  const stem = path.replace(/\.pcap(?:ng)?$/i, '');
  return `${stem}${index === 0 ? '' : `-${index + 1}`}.log`;
}

/** Facts that were given or found out, so that fewer packets and lines lead to the same verdict. */
function settingsOf({ report }: Analysis, { applianceAddresses, sessions }: Takeout, { request }: Invocation): string[] {
  const { site } = request;
  const { clock } = report;
  const settings: string[] = [];
  for (const address of applianceAddresses) if (sessions.some((taken) => isEnd(taken.report, address))) settings.push('--appliance', address);
  for (const block of site.balancers) settings.push('--balancer', block);
  if (clock?.timeZone) settings.push('--log-tz', clock.timeZone.replace(/^UTC(?=[+-])/, ''));
  if (clock) settings.push('--clock-offset', String(clock.logOffsetSeconds));
  if (site.inboundTimeoutGiven && site.inboundTimeoutSeconds !== INBOUND_TIMEOUT_SECONDS)
    settings.push('--inbound-timeout', String(site.inboundTimeoutSeconds));
  if (site.totalTimeLimitSeconds !== TOTAL_TIME_LIMIT_SECONDS) settings.push('--total-time-limit', String(site.totalTimeLimitSeconds));
  const ports = new Set(sessions.flatMap(({ report: { serverPort } }) => (serverPort === null || MAIL_PORTS.includes(serverPort) ? [] : serverPort)));
  if (ports.size > 0) settings.push('--port', [...ports].join(','));
  return settings;
}

function isEnd({ clientIp, serverIp }: ReportSession, address: string): boolean {
  return clientIp === address || serverIp === address;
}
