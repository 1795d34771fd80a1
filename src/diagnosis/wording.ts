import type { Actor, Cause } from '../model/report.ts';
import type { Stage } from '../model/smtp.ts';
import { namePressure } from '../model/status-line.ts';
import type { DecidingEvidence, Finding } from './finding.ts';
import type { ObservationData, ObservationKind } from './observation.ts';
import type { HandshakeStep } from './tls-handshake.ts';

/** Every sentence that the diagnosis says. Texts from captures and logs go in as they are; whoever prints escapes them. */

const NAMES: Readonly<Record<Actor, string>> = {
  client: 'the client',
  appliance: 'the appliance',
  middlebox: 'a device in between',
  'remote-server': 'the remote server',
  network: 'the network',
  undetermined: 'somebody',
};

export function nameOf(actor: Actor): string {
  return NAMES[actor];
}

const STAGES: Readonly<Record<Stage, string>> = {
  connect: 'while connecting',
  banner: 'after connecting, before HELO',
  helo: 'after HELO',
  starttls: 'during STARTTLS',
  auth: 'during AUTH',
  mail: 'after MAIL',
  rcpt: 'after RCPT',
  'data-command': 'after DATA, before the first octet of the message',
  'data-body': 'inside the message',
  'data-end': 'after the end of the message, before its answer',
  'idle-after-message': 'after an accepted message',
  quit: 'at QUIT',
};

export function stageWords(stage: Stage): string {
  return STAGES[stage];
}

export function seconds(value: number): string {
  if (value < 0.001) return `${Math.round(value * 1e6)} µs`;
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  return `${value.toFixed(value < 100 ? 1 : 0)} s`;
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

const HANDSHAKE_STEPS: Readonly<Record<HandshakeStep, string>> = {
  'no-hello': 'before any ClientHello',
  'hello-unanswered': 'after the ClientHello, before a ServerHello',
  'server-hello': 'after the ServerHello',
  'server-flight': "after the server's certificate",
  'client-flight': "after the client's part of the handshake",
};

const HANDSHAKE_ENDS: Readonly<Record<string, string>> = {
  fin: 'a FIN came',
  rst: 'a RST came',
  quit: 'a QUIT came in clear',
  notice: 'a notice came in clear',
  silence: 'nothing more came',
};

type Sentences = { readonly [K in ObservationKind]: (data: ObservationData[K]) => string };

const SENTENCES: Sentences = {
  'syn-unanswered': (d) => `${nameOf(d.from)} sent ${count(d.count, 'SYN')} over ${seconds(d.seconds)}; nothing answered`,
  'synack-unanswered': (d) => `${nameOf(d.from)} sent ${count(d.count, 'SYN/ACK')} over ${seconds(d.seconds)}; the handshake was never completed`,
  'syn-refused': (d) => `a RST with the address of ${nameOf(d.by)} answered the SYN`,
  'reset-before-banner': (d) => `a RST with the address of ${nameOf(d.by)} came before the greeting`,
  'quit-sent': (d) =>
    `${nameOf(d.by)} sent QUIT ${d.open ? 'while a transaction was open' : d.accepted > 0 ? `after ${count(d.accepted, 'accepted message')}` : 'without an open transaction'}`,
  'quit-inferred': (d) => `the reply ${d.from} answers a QUIT of ${nameOf(d.by)} whose packet is not in the capture`,
  'fin-first': (d) =>
    `the first to close was ${nameOf(d.by)}: a FIN ${stageWords(d.stage)}${d.withData ? ', in the segment of the last octets' : ''} (relative sequence number ${d.seq}), with no QUIT before it`,
  'genuine-reset': (d) =>
    `a reset by ${nameOf(d.by)} itself would have had TTL ${d.ttl} and relative sequence number ${d.seq}; from a live socket also ${[d.nextId === null ? '' : `IP identification ${d.nextId} or a little more`, d.timestamps ? 'time stamps' : '', 'the ACK flag and its last window'].filter(Boolean).join(', ')}`,
  'close-notify-first': (d) => `the first to close was ${nameOf(d.by)}: its TLS close alert came before any FIN`,
  'fin-hops-differ': (d) =>
    `the FIN came over ${count(d.finHops, 'hop')} (TTL ${d.finTtl}), all packets of ${nameOf(d.by)} before it over ${count(d.usualHops, 'hop')} (TTL ${d.usualTtl})`,
  'fin-lacks-timestamps': (d) => `the FIN lacks the time stamps that ${nameOf(d.by)} must put into every segment of this connection`,
  'alive-after-fin': (d) => `${nameOf(d.by)} sent ${count(d.count, 'segment')} of new octets from where "its" FIN stands: it did not send that FIN`,
  'ack-beyond-sent': (d) =>
    `${nameOf(d.by)} acknowledges ${count(d.octets, 'octet')} more than ${nameOf(d.own)} ever sent: somebody spoke to it in the name of ${nameOf(d.own)}`,
  'words-before-close': (d) =>
    `${nameOf(d.by)} said ${count(d.octets, 'octet')} before it closed; they are not in this one-sided capture, and were acknowledged: a server that closes says why`,
  'answer-unseen': (d) => `what ${nameOf(d.by)} answered to the message is not in this one-sided capture`,
  'fin-acknowledged': (d) => `the first to close was ${nameOf(d.by)}: its FIN is not in this one-sided capture, but the other side acknowledges it`,
  'rst-first': (d) =>
    `a RST with the address of ${nameOf(d.by)} ended the connection ${stageWords(d.stage)}; its sequence number (relative ${d.seq}) is ${d.exact ? 'exactly the next expected' : 'inside the window, not exact'}`,
  notice: (d) => `${nameOf(d.by)} said ${d.code} ${d.text}${d.unsolicited ? ', unasked' : ''}`,
  'timeout-text': (d) => `${nameOf(d.by)} said that it gave up waiting: ${d.text}`,
  'wait-before-end': (d) =>
    `before that ${nameOf(d.owedBy)} owed the ${d.what} for ${seconds(d.seconds)}; the session's longest pause until then was ${seconds(d.rhythmSeconds)}`,
  'wait-fits-timer': (d) => `${seconds(d.seconds)} ${d.reading} equals a timer of ${nameOf(d.by)}: ${d.timer}`,
  'wait-whole-seconds': (d) => `the wait of ${d.seconds.toFixed(2)} s is a whole number of seconds, as programs count them`,
  'peer-stack-alive': (d) => `the host of ${nameOf(d.side)} acknowledged ${d.what}: its network stack was alive and reachable`,
  'reset-answers-close': (d) =>
    `the host of ${nameOf(d.by)} answered the farewell after ${seconds(d.afterSeconds)} with a RST of a vanished connection: it had lost the connection before, unseen here`,
  'never-acknowledged': (d) =>
    `${nameOf(d.by)} repeated what it sent ${count(d.times, 'time')} over ${seconds(d.seconds)}; no acknowledgement came from ${nameOf(d.other)}`,
  'hole-never-filled': (d) => `${count(d.octets, 'octet')} of ${nameOf(d.by)} never arrived although later ones did`,
  'phantom-octets': (d) => `${nameOf(d.by)} numbers its packets ${count(d.octets, 'octet')} beyond everything that arrived: it sent them, and they vanished`,
  'ip-id-ledger': (d) => `the IP identifications of ${nameOf(d.by)} skip ${count(d.missing, 'packet')} that never arrived`,
  'only-full-segments-missing': (d) =>
    `only full-sized segments are missing (MSS ${d.mss}); the largest that arrived has ${count(d.largest, 'octet')}: a path that swallows large packets`,
  'stops-at-same-octet': (d) =>
    `${count(d.times, 'try', 'tries')} to send this message of ${nameOf(d.by)} stopped after about ${count(d.octets, 'octet')}${d.othersPass ? ', while other mail of the same host passed' : ''}: what it contains stops it`,
  'only-beyond-unscaled-window': (d) =>
    `what vanished begins where the window of ${d.window} octets ends if its scale (${d.scale}) is left out: a device that does not know window scaling`,
  'silent-after-idle': (d) =>
    `packets vanished from the first one after ${seconds(d.seconds)} without any${d.device ? `, which is a default of ${d.device}` : ''}: a device may have forgotten the connection`,
  'window-closed': (d) => `${nameOf(d.by)} kept its receive window closed for ${seconds(d.seconds)}: nothing could be sent to it`,
  'last-word-acknowledged': (d) => `the host of ${nameOf(d.by)} had acknowledged the last word before it fell silent`,
  'icmp-error': (d) => `${d.from} answered with ICMP "${d.name}"${d.mtu === null ? '' : ` (next-hop MTU ${d.mtu})`}`,
  'address-moved': (d) => `the same sequence numbers went on from port ${d.port}: a translator changed the port in mid-session`,
  'reply-rejected': (d) => `${nameOf(d.by)} answered ${d.to} with ${d.code} ${d.text}`,
  'message-accepted': (d) => `${count(d.count, 'message')} had been accepted before`,
  'accepted-unheard': (d) =>
    d.known
      ? `the message was accepted, but ${nameOf(d.by)} had left before the answer`
      : `the whole message went out, and its answer is missing: the other end may have accepted it, which ${nameOf(d.by)} does not know`,
  'tls-alert': (d) => `${nameOf(d.by)} sent the TLS alert ${d.name} ${HANDSHAKE_STEPS[d.step]}${d.means === null ? '' : ` (${d.means})`}`,
  'tls-hidden-alert': (d) => `${nameOf(d.by)} sent an encrypted record as short as an alert ${HANDSHAKE_STEPS[d.step]}, before the handshake was finished`,
  'tls-handshake-cut': (d) => `the TLS handshake was cut off ${HANDSHAKE_STEPS[d.step]}, without an alert (${HANDSHAKE_ENDS[d.how] ?? d.how})`,
  'starttls-refused': (d) => `${nameOf(d.by)} refused STARTTLS with ${d.code} "${d.text}"`,
  'starttls-answered-in-clear': (d) => `after the 220 to STARTTLS ${nameOf(d.by)} went on in clear`,
  'tls-hides': (d) => `TLS hides ${d.what}`,
  'quit-in-records': (d) => `the lengths and the order of the encrypted records fit a QUIT of ${nameOf(d.by)} (${d.confidence} confidence)`,
  'no-quit-in-records': (d) => `no encrypted record of ${nameOf(d.by)} before the end fits a QUIT (${d.confidence} confidence)`,
  'notice-in-records': (d) => `after the silence an encrypted record of ${nameOf(d.by)} fits a 421 that nobody asked for (${d.confidence} confidence)`,
  'end-unanswered-in-records': (d) => `by the encrypted records the message had been ended, and ${nameOf(d.by)} had not answered (${d.confidence} confidence)`,
  'records-like-quit': (d) => `before the close ${nameOf(d.by)} sent a short record and got a short answer, as with QUIT and 221`,
  'rst-hops-differ': (d) =>
    d.sameClass
      ? `the RST came over ${count(d.rstHops, 'hop')} (TTL ${d.rstTtl}), all packets of ${nameOf(d.by)} before it over ${count(d.usualHops, 'hop')} (TTL ${d.usualTtl})`
      : `the RST has TTL ${d.rstTtl}, all packets of ${nameOf(d.by)} before it TTL ${d.usualTtl}: another starting value, so another stack or another box`,
  'rst-hops-agree': (d) => `the RST has the TTL of the other packets of ${nameOf(d.by)} (${d.ttl})`,
  'rst-after-route-change': (d) => `the RST has the TTL that all packets of ${nameOf(d.by)} had had since packet ${d.since} (${d.ttl})`,
  'rst-active-shape': () => 'the RST has the shape of a live socket that aborts (ACK flag, window kept)',
  'rst-reactive-shape': () =>
    'the RST has the shape of a host that knows no such connection (no ACK flag, window 0, no options); a firewall that rejects writes the same',
  'rst-lacks-timestamps': (d) => `the RST lacks the time stamps that ${nameOf(d.by)} puts into every packet of this connection`,
  'rst-foreign-to-socket': (d) =>
    `the RST acknowledges like one of a live socket, but lacks the time stamps and the running IP identification of all packets of ${nameOf(d.by)}`,
  'rst-continues-stack': (d) =>
    `the RST continues the packets of ${nameOf(d.by)}: ${[d.ipIdStep === null ? '' : `IP identification + ${d.ipIdStep}`, d.timestamps ? 'time stamp of the same clock' : ''].filter(Boolean).join(', ')}`,
  'rst-ip-id-breaks': (d) => `the IP identification of the RST is ${d.ipId}; ${nameOf(d.by)} was at ${d.expected}`,
  'rst-sequence-wrong': (d) =>
    `a RST with the address of ${nameOf(d.by)} misses the expected sequence number: its sender did not know the state of the connection`,
  'rst-multiple': (d) =>
    `${d.count} RSTs with different sequence numbers${d.step === null ? '' : `, in steps of ${d.step}`}: a guess ahead, as injectors make it`,
  'rst-other-mac': (d) => `the RST came from the MAC address ${d.mac}, the other packets of ${nameOf(d.by)} from ${d.usual}`,
  'rst-alike-elsewhere': (d) =>
    `RSTs with TTL ${d.ttl}, unlike their senders' other packets, ended connections of ${d.networks} unrelated networks, that of ${nameOf(d.by)} among them: one box made them`,
  'rst-other-vlan': (d) => `the RST came in VLAN ${d.vlan}, all other packets of ${nameOf(d.by)} in ${d.usual < 0 ? 'none' : `VLAN ${d.usual}`}`,
  'rst-tos-differs': (d) => `the RST has type of service ${d.tos}, all other packets of ${nameOf(d.by)} ${d.usual}`,
  'rst-paired': (d) => `RSTs with the addresses of both ends came together, and ${nameOf(d.by)} had been asked nothing: a device resets both sides`,
  'own-rst-travelled': (d) =>
    `the RST with the address of ${nameOf(d.by)} has TTL ${d.rstTtl}, all its other packets here TTL ${d.usualTtl}: it had passed routers before this capture point, so ${nameOf(d.by)} did not send it`,
  'rst-acks-unseen': (d) =>
    `the RST acknowledges ${count(d.octets, 'octet')} more than had been sent to ${nameOf(d.by)}: its sender did not know this connection`,
  'rst-ahead': (d) => `the RST stands ${count(d.distance, 'octet')} ahead of all that ${nameOf(d.by)} had sent as far as it arrived`,
  'rst-copies-fields': (d) =>
    `the RST repeats the IP identification ${d.ipId}${d.window ? ' and the window' : ''} of the packet that it answers: that packet was turned around`,
  'rst-fragment-bit-differs': (d) => `the RST has "don't fragment" ${d.set ? 'set' : 'cleared'}, unlike every other packet of ${nameOf(d.by)}`,
  'rst-too-soon': (d) => `the RST answered after ${seconds(d.seconds)}, sooner than ${nameOf(d.by)} can: a round trip takes ${seconds(d.rttSeconds)}`,
  'rst-constant-id': (d) => `several RSTs with the address of ${nameOf(d.by)} carry one and the same IP identification (${d.ipId})`,
  'alive-after-rst': (d) =>
    `${nameOf(d.by)} went on sending for ${seconds(d.seconds)} after "its" RST (${count(d.count, 'packet')}${d.retransmissions > 0 ? `, ${d.retransmissions} of them repetitions` : ''}): it did not send that RST`,
  'challenge-answered': (d) => `${nameOf(d.by)} answered a challenge ACK`,
  'vantage-injected': (d) =>
    `a ${d.signal} towards ${nameOf(d.towards)} carries the address of ${nameOf(d.named)}, whose own capture shows that it sent none (compared with ${d.where})`,
  'vantage-swallowed': (d) => `${count(d.count, 'packet')} sent by ${nameOf(d.from)} never reached the other capture point (compared with ${d.where})`,
  'vantage-sent': (d) => `the capture at ${d.where} shows ${nameOf(d.by)} sending this ${d.signal} itself`,
  'vantage-altered': (d) => `at ${d.where} ${nameOf(d.from)} seems to say "${d.text}", which it never sent`,
  'vantage-absent': (d) => `the capture at ${d.where} holds nothing of this connection`,
  'capture-ends': (d) => (d.seconds < 1 ? 'the capture ends here' : `the capture goes on for ${seconds(d.seconds)} without another packet of this connection`),
  'capture-missed-octets': (d) => `octets of ${nameOf(d.by)} are missing from the file although their receiver acknowledged them`,
  'one-direction': (d) => `only packets of ${nameOf(d.side)} are in the capture`,
  'began-late': () => 'the capture begins after the connection was opened',
  'log-lost': (d) => `the log says "ICID ${d.icid} lost": ended from the peer's side below SMTP; FIN and RST read alike`,
  'log-by-sender': (d) => `the log says that MID ${d.mid} was aborted by the sender`,
  'log-aborted': (d) => `the log says that receiving MID ${d.mid} was aborted${d.lostToo ? '' : ', without "lost"'}`,
  'log-abort-by-policy': (d) => `the log says that MID ${d.mid} was dropped by ${d.by}`,
  'appliance-pressed': (d) => `the appliance was under pressure at that time, by its status log: ${namePressure(d)}`,
  'log-waited': (d) => `the log shows ${d.seconds} s of silence before the abort, the configured timeout being ${d.timerSeconds} s`,
  'log-ready': (d) => `the log has MID ${d.mid} ready with ${d.octets} octets: accepted`,
  'log-close-only': (d) => `the log has nothing but the opening and closing of ICID ${d.icid}`,
  'log-rejected': (d) => `the log says: ${d.text}`,
  'log-tls-failed': (d) => `the log says that TLS failed${d.reason ? `: ${d.reason}` : ''}`,
  'log-killed': (d) => `the log says: ${d.text}`,
  'log-before-wire': (d) =>
    `the log closes the session ${seconds(d.seconds)} before anything on the wire does: ${nameOf(d.by)} had given up, but could not send its farewell`,
  'log-timeout': (d) => `the log says: ${d.text}`,
  'log-connection-error': (d) => `the log has a connection error: ${d.details}`,
  'log-possible-delivery': (d) => `the log counts MID ${d.mid} as possibly delivered: the message went out, no final answer came`,
  'log-delivered': (d) => `the log has MID ${d.mid} delivered: ${d.response}`,
  'log-only-message-lines': () => 'the log excerpt holds only the lines of the message: a missing "lost" proves nothing',
  'log-contradicts': (d) => `the log says "${d.says}", the packets show ${d.packets}`,
  'command-masked': (d) => `the appliance received "${d.verb}": a command overwritten on the way, as SMTP inspection does`,
  'banner-masked': (d) => `the greeting of ${nameOf(d.by)} was overwritten with asterisks on the way, as SMTP inspection does`,
  'capability-masked': (d) => `keywords that ${nameOf(d.by)} offered were overwritten on the way: ${d.keywords.join(', ')}`,
  'foreign-reply': (d) => `the reply "${d.text}" in the name of ${nameOf(d.by)} is the text of ${d.product}`,
  'reply-unlogged': (d) => `the reply "${d.text}" in the name of ${nameOf(d.by)} is not in its injection debug log: it never sent it`,
  'inspection-limit': (d) => `the session reached ${d.reached} ${d.what}; the default SMTP inspection of a Cisco ASA drops the connection beyond ${d.limit}`,
  'options-stripped': (d) => `TCP options of ${nameOf(d.by)} were replaced by padding on the way (${d.layout})`,
  'segment-size-clamped': (d) => `${nameOf(d.by)} seems to offer segments of ${d.mss} octets, the value that a Cisco ASA on the path writes by default`,
  'stream-altered': (d) => `octets of ${nameOf(d.by)} came twice with different contents: the stream was altered, or somebody wrote into it`,
  'sack-impossible': (d) => `${nameOf(d.by)} confirms octets that were never sent: a device shifts sequence numbers and forgets the SACK option`,
  'one-box-many-peers': (d) =>
    `clients of ${d.networks} unrelated networks all arrive with TTL ${d.ttl} and the same options${d.nearby ? ', and answer handshakes far sooner than they speak' : ''}: one box speaks for them`,
  'stray-rst': (d) =>
    `${d.count === 1 ? 'a RST' : `${d.count} RSTs`} with the address of ${nameOf(d.by)} and a sequence number that does not fit had no effect: whoever sent ${d.count === 1 ? 'it' : 'them'} did not know the state of the connection`,
  'handshake-from-elsewhere': (d) =>
    `the SYN of ${nameOf(d.by)} came with TTL ${d.synTtl}, all its later packets with ${d.usualTtl}: a device opened the connection in its name (a SYN proxy)`,
  'handshake-other-clock': (d) =>
    `the time stamps of ${nameOf(d.by)} jump by ${seconds(d.seconds)} between its SYN and its next packets: two stacks, of which the first was a device (a SYN proxy)`,
  'tls-given-up': (d) => `${nameOf(d.by)} used STARTTLS in other sessions, and not in this one: the offer may no longer reach it`,
  'ecn-unanswered': (d) =>
    `${count(d.count, 'SYN')} of ${nameOf(d.by)} that asked for congestion notification (ECN) ${d.count === 1 ? 'was' : 'were'} not answered${d.plainAnswered ? '; one without was: a device on the way drops such SYNs' : ''}`,
  'window-taken-unscaled': (d) =>
    `${nameOf(d.by)} never has more than ${d.window} octets under way, the window without its scale of ${d.scale}: the scale option was lost on the way to it`,
  'end-of-data-split': (d) => `the final dot of ${nameOf(d.by)} came in pieces, and no answer followed: old firewalls hang there`,
  'cut-after-pipelining': (d) => `the session broke off behind ${d.commands} commands of ${nameOf(d.by)} in one segment: some gateways refuse pipelining`,
  'dialogue-replayed': (d) =>
    `${nameOf(d.by)} reset the transaction and repeated the same envelope${d.times > 1 ? ` ${d.times} times` : ''}: mail filters on the sending host do that`,
  'capability-unexpected': (d) => `the answer to EHLO in the name of ${nameOf(d.by)} offers what no AsyncOS is known to offer: ${d.keywords.join(', ')}`,
  'capability-missing': (d) => `the answer to EHLO in the name of ${nameOf(d.by)} lacks what AsyncOS always offers: ${d.keywords.join(', ')}`,
  'starttls-missing': (d) => `${nameOf(d.by)} offered STARTTLS in other sessions, and not in this one`,
  'starttls-never-used': (d) => `STARTTLS was offered to clients of ${d.networks} networks, and not one of them used it: the offer may never reach them`,
  'helo-is-address': (d) => `clients of ${d.networks} networks give nothing but their address as their name: a proxy writes their HELO`,
  'idle-expired': (d) =>
    `after ${seconds(d.seconds)} without a packet a RST came from another place than the session's packets: a device had forgotten the connection${d.device ? ` (that long is a default of ${d.device})` : ''}`,
};

export function sentence<K extends ObservationKind>(kind: K, data: ObservationData[K]): string {
  return SENTENCES[kind](data);
}

const DECIDES: Readonly<Record<DecidingEvidence, string>> = {
  'client-capture': 'a capture on the client at the same time: whether its host sent this itself',
  'remote-capture': 'a capture on the remote server, or on the far side of the firewall',
  'both-sides-of-firewall': 'captures on both sides of the firewall at the same time',
  'longer-capture': 'a capture that runs on until the session is over',
  'appliance-capture': 'a packet capture on the appliance',
  'full-snap': 'a capture of whole packets without drops',
  'injection-debug': "the appliance's injection debug log for this host, which shows the words inside TLS",
  'known-timers': 'the time limits configured on both ends',
};

export function decidedBy(evidence: DecidingEvidence): string {
  return DECIDES[evidence];
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Statement = (finding: Finding) => string;

const who = (finding: Finding): string => (finding.actor === 'undetermined' ? 'the packets do not tell who' : nameOf(finding.actor));

const STATEMENTS: Readonly<Record<Cause, Statement>> = {
  refused: (f) =>
    f.actor === 'undetermined'
      ? 'The connection was refused by a RST; who sent it cannot be told.'
      : `${upper(nameOf(f.actor))} refused the connection with a RST.`,
  'tls-failure': (f) =>
    f.actor === 'undetermined' ? 'The TLS handshake failed; on whose side cannot be told.' : `The TLS handshake failed: ${nameOf(f.actor)} ended it.`,
  timeout: (f) =>
    `${upper(f.actor === 'undetermined' ? 'one end' : nameOf(f.actor))} gave up waiting for ${f.silentSide ? nameOf(f.silentSide) : 'the other end'} ${stageWords(f.stage)}${stageWords(f.stage).includes(',') ? ',' : ''} and closed.`,
  'silent-drop': (f) =>
    f.actor === 'middlebox'
      ? `Packets vanished on the way ${stageWords(f.stage)}: a device in between swallowed or refused them.`
      : `Packets vanished for good ${stageWords(f.stage)}; where on the way they died cannot be told from here.`,
  rejected: (f) => `${upper(who(f))} refused ${stageWords(f.stage)}, and the session ended with that.`,
  completed: (f) => {
    const by = upper(f.actor === 'undetermined' ? 'the session' : nameOf(f.actor));
    return f.support.some(({ kind }) => kind === 'answer-unseen')
      ? `${by} ended the session with QUIT after its message; whether that was accepted is not in the inputs.`
      : `${by} ended the session in good order; nothing was lost.`;
  },
  'client-quit': (f) => `${upper(who(f))} said QUIT ${f.stage === 'quit' ? 'without leaving a message open' : stageWords(f.stage)}.`,
  rst: (f) =>
    f.actor === 'undetermined'
      ? `A RST ended the session ${stageWords(f.stage)}; who made it cannot be told from here.`
      : `${upper(nameOf(f.actor))} reset the connection ${stageWords(f.stage)}.`,
  'premature-fin': (f) =>
    f.stage === 'idle-after-message'
      ? `${upper(who(f))} closed the connection with a FIN, without QUIT, after its mail had been accepted.`
      : `${upper(who(f))} closed the connection with a FIN ${stageWords(f.stage)}, without QUIT.`,
  'still-open': () => 'The session was still open when the inputs end.',
  undetermined: (f) =>
    f.actor === 'undetermined'
      ? `What ended the session ${stageWords(f.stage)} is not in the inputs.`
      : `The session ended from the side of ${nameOf(f.actor)} ${stageWords(f.stage)}; by what is not in the inputs.`,
};

/** One sentence: who did what, when. */
export function statementOf(finding: Finding): string {
  return STATEMENTS[finding.cause](finding);
}

const ENDINGS: Readonly<Record<Cause, string>> = {
  refused: 'connection refused',
  'tls-failure': 'TLS handshake failed',
  timeout: 'gave up waiting',
  'silent-drop': 'from here on packets vanished',
  rejected: 'refused',
  completed: 'ended in good order',
  'client-quit': 'QUIT',
  rst: 'reset',
  'premature-fin': 'closed without QUIT',
  'still-open': 'still open',
  undetermined: 'end not seen',
};

/** A few words for the transcript's marked row. */
export function endingWords(finding: Finding): string {
  return finding.actor === 'undetermined' ? ENDINGS[finding.cause] : `${ENDINGS[finding.cause]} (${finding.actor})`;
}
