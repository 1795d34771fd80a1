import type { JudgeInput } from '../model/judgement.ts';
import type { ReportSession } from '../model/report.ts';
import type { DecidingEvidence, Finding } from './finding.ts';

type NextCapture = ReportSession['nextCapture'][number];

/** Fits a session's mail port, ICMP of both families and fragments: a filter must let in what the verdict may rest on. */
function captureFilter({ peer, port }: Target): string {
  const tcp = `port ${port}`;
  const mail = peer === null ? tcp : `${peer.includes(':') ? 'ip6 host' : 'host'} ${peer} and ${tcp}`;
  return `(${mail}) or icmp or icmp6 or (ip[6:2] & 0x1fff != 0)`;
}

/** Ring of 20 files of 50 MB, whole packets. */
function tcpdump(name: string, filter: string): string {
  return `tcpdump -i any -n -s 0 -C 50 -W 20 -w ${name}.pcap '${filter}'`;
}

/** What a command needs to know of the session. */
interface Target {
  readonly peer: string | null;
  /** The peer's port; null where no packet tells. */
  readonly peerPort: number | null;
  readonly port: number;
}

interface Place {
  readonly where: string;
  readonly why: string;
  command(target: Target): string;
}

const PLACES: Readonly<Record<DecidingEvidence, Place>> = {
  'client-capture': {
    where: 'on the sending host',
    why: 'shows whether its own network stack sent the packet that ended the session',
    command: (target) => tcpdump('client', captureFilter(target)),
  },
  'remote-capture': {
    where: 'on the remote mail server or outside of the firewall',
    why: 'shows whether the remote server sent the packet that ended the session',
    command: (target) => tcpdump('remote', captureFilter(target)),
  },
  'both-sides-of-firewall': {
    where: 'on the outer and the inner interface of the firewall, at the same time',
    why: 'shows between which two points packets appear or vanish',
    command: (target) => `${tcpdump('outside', captureFilter(target))}   # and the same on the inner interface`,
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
    command: ({ peer }) => `logconfig > new > Injection Debug Logs, host ${peer ?? 'of the sender'}`,
  },
  'known-timers': {
    where: 'in the configuration of both ends',
    why: 'a wait that equals a configured time limit was that limit',
    command: () => 'listenerconfig > setup (time limits); the SMTP timeouts of the other server',
  },
};

function appliance(target: Target): string {
  return `packetcapture > setup (filter: ${captureFilter(target)}) > start   # GUI: Help and Support > Packet Capture`;
}

/** Where a device may have had its hand in it, its own log names the function: the teardown reason. Other makers: `whohungup explain firewall-logs`. */
const FIREWALL_LOG: Place = {
  where: 'in the logs of the firewalls on the way, at the time of the end',
  why: 'the reason of the teardown names the function that acted',
  command: ({ peer, peerPort }) =>
    `show logging | include (302014|507003|106015).*${peer ?? 'PEER'}${peerPort === null ? '' : `/${peerPort}`}   # ASA; other makers: whohungup explain firewall-logs`,
};

/** What to capture next so that the verdict's rivals can be told apart; nothing where no rival is left. */
export function listNextCaptures(input: JudgeInput, finding: Finding): NextCapture[] {
  const { alternatives, cause, actor } = finding;
  const isOpen = cause === 'still-open' || (cause === 'undetermined' && input.session.captured !== null);
  const isDevice = actor === 'middlebox' || (actor === 'undetermined' && alternatives.some((alternative) => alternative.actor === 'middlebox'));
  if (alternatives.length === 0 && !isOpen && !isDevice) return [];
  const wanted = new Set(alternatives.map((alternative) => alternative.decidedBy));
  if (isOpen) wanted.add('longer-capture');
  const places = [...wanted].slice(0, 3).map((evidence) => PLACES[evidence]);
  const target = targetOf(input);
  if (isDevice && target.peerPort !== null) places.push(FIREWALL_LOG);
  return places.map((place) => ({ where: place.where, why: place.why, command: place.command(target) }));
}

function targetOf({ session }: JudgeInput): Target {
  const { captured, injection, delivery } = session;
  if (!captured) return { peer: injection?.peerIp ?? delivery?.remoteIp ?? null, peerPort: null, port: SMTP_PORT };
  const { connection, dialogue } = captured;
  const client = dialogue.client === 0 ? connection.originator : connection.responder;
  const server = dialogue.client === 0 ? connection.responder : connection.originator;
  const peer = session.direction === 'outbound' ? server : client;
  return { peer: peer.ip, peerPort: client.port, port: server.port };
}

/** RFC 5321, 4.5.4.2. */
const SMTP_PORT = 25;
