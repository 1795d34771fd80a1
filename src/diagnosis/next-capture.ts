import type { JudgeInput } from '../model/judgement.ts';
import type { ReportSession } from '../model/report.ts';
import type { DecidingEvidence, Finding } from './finding.ts';

type NextCapture = ReportSession['nextCapture'][number];

/** Fits a session's mail port, ICMP of both families and fragments: a filter must let in what the verdict may rest on. */
function captureFilter(peer: string | null, ports: readonly number[]): string {
  const tcp = ports.map((port) => `port ${port}`).join(' or ');
  const mail = peer === null ? tcp : `${peer.includes(':') ? 'ip6 host' : 'host'} ${peer} and (${tcp})`;
  return `(${mail}) or icmp or icmp6 or (ip[6:2] & 0x1fff != 0)`;
}

/** Ring of 20 files of 50 MB, whole packets. */
function tcpdump(name: string, filter: string): string {
  return `tcpdump -i any -n -s 0 -C 50 -W 20 -w ${name}.pcap '${filter}'`;
}

interface Place {
  readonly where: string;
  readonly why: string;
  command(peer: string | null, ports: readonly number[]): string;
}

const PLACES: Readonly<Record<DecidingEvidence, Place>> = {
  'client-capture': {
    where: 'on the sending host',
    why: 'shows whether its own network stack sent the packet that ended the session',
    command: (peer, ports) => tcpdump('client', captureFilter(peer, ports)),
  },
  'remote-capture': {
    where: 'on the remote mail server or outside of the firewall',
    why: 'shows whether the remote server sent the packet that ended the session',
    command: (peer, ports) => tcpdump('remote', captureFilter(peer, ports)),
  },
  'both-sides-of-firewall': {
    where: 'on the outer and the inner interface of the firewall, at the same time',
    why: 'shows between which two points packets appear or vanish',
    command: (peer, ports) => `${tcpdump('outside', captureFilter(peer, ports))}   # and the same on the inner interface`,
  },
  'longer-capture': {
    where: 'on the appliance',
    why: 'runs on until the session is over',
    command: appliance,
  },
  'appliance-capture': {
    where: 'on the appliance',
    why: 'tells FIN, RST, timeout and loss apart, which the log cannot',
    command: appliance,
  },
  'full-snap': {
    where: 'on the appliance',
    why: 'whole packets, without drops, keep the words that are missing here',
    command: appliance,
  },
  'injection-debug': {
    where: 'in the log subscriptions of the appliance',
    why: 'an injection debug log writes down the words that TLS hides',
    command: (peer) => `logconfig > new > Injection Debug Logs, host ${peer ?? 'of the sender'}`,
  },
  'known-timers': {
    where: 'in the configuration of both ends',
    why: 'a wait that equals a configured time limit was that limit',
    command: () => 'listenerconfig > setup (time limits); the SMTP timeouts of the other server',
  },
};

function appliance(peer: string | null, ports: readonly number[]): string {
  return `packetcapture > setup (filter: ${captureFilter(peer, ports)}) > start   # GUI: Help and Support > Packet Capture`;
}

/** What to capture next so that the verdict's rivals can be told apart; nothing where no rival is left. */
export function listNextCaptures(input: JudgeInput, finding: Finding): NextCapture[] {
  const peer = peerOf(input);
  const port = input.session.captured?.connection.responder.port ?? 25;
  const wanted = new Set(finding.alternatives.map((alternative) => alternative.decidedBy));
  if (finding.cause === 'still-open' || (finding.cause === 'undetermined' && input.session.captured !== null)) wanted.add('longer-capture');
  return [...wanted]
    .slice(0, 3)
    .map((evidence) => ({ where: PLACES[evidence].where, why: PLACES[evidence].why, command: PLACES[evidence].command(peer, [port]) }));
}

function peerOf({ session }: JudgeInput): string | null {
  const { captured, injection, delivery } = session;
  if (captured) {
    const { connection, dialogue } = captured;
    const client = dialogue.client === 0 ? connection.originator : connection.responder;
    const server = dialogue.client === 0 ? connection.responder : connection.originator;
    return (session.direction === 'outbound' ? server : client).ip;
  }
  return injection?.peerIp ?? delivery?.remoteIp ?? null;
}
