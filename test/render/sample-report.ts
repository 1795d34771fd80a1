import type { Analysis } from '../../src/model/analysis.ts';
import type { Report, ReportInput, ReportSession, Transcript } from '../../src/model/report.ts';

/** A report of one interrupted and one completed session, as an analysis would give it; the tests change what they are about. */
export function sampleInput(changes: Partial<ReportInput> = {}): ReportInput {
  return {
    path: 'esa.pcap',
    kind: 'capture',
    format: 'pcap',
    vantage: 'appliance',
    bytes: 20_480,
    packets: 120,
    lines: null,
    first: '2026-11-21T17:54:20.000000Z',
    last: '2026-11-21T17:59:21.562434Z',
    cannotContain: ['ICMP', 'fragments'],
    anomalies: [{ kind: 'bad-checksum', severity: 'info', count: 7, where: 'packet 4', meaning: 'TCP checksums that do not match' }],
    ...changes,
  };
}

export function sampleSession(changes: Partial<ReportSession> = {}): ReportSession {
  return {
    id: 'icid-10293',
    direction: 'inbound',
    serial: '564D9A0CBA7E-0F1E2D3C4B5A',
    icid: 10293,
    dcid: null,
    mids: [1404],
    streams: [
      {
        input: 0,
        clientIp: '198.51.100.147',
        clientPort: 60846,
        serverIp: '192.0.2.25',
        serverPort: 25,
        packets: 14,
        connState: 'RSTO',
        history: 'ShADadR',
      },
    ],
    clientIp: '198.51.100.147',
    clientPort: 60846,
    serverIp: '192.0.2.25',
    serverPort: 25,
    opened: '2026-11-21T17:54:21.057155Z',
    decided: '2026-11-21T17:54:57.560165Z',
    ended: '2026-11-21T17:54:57.562434Z',
    timeUncertaintySeconds: 0.5,
    encrypted: 'none',
    tls: null,
    pairing: { confidence: 'certain', basis: ['address', 'time', 'accepted MID'], rivals: [] },
    transactions: [{ mid: 1404, outcome: 'aborted', stage: 'rcpt', recipients: 1, octets: null }],
    impact: 'message-lost',
    verdict: {
      cause: 'rst',
      causeConfidence: 'proven',
      actor: 'middlebox',
      actorConfidence: 'strong',
      confidence: 'strong',
      stage: 'rcpt',
      statement: 'A box in between reset the session after RCPT; the client did not send that RST.',
      silentSide: null,
      rung: 'stack',
      mechanism: 'forges-reset',
      function: 'ended by what is not in the inputs',
      hypotheses: [],
      alternatives: [{ cause: 'rst', actor: 'client', confidence: 'limited', whatWouldDecide: "a capture at the client's side of the firewall" }],
    },
    evidence: [
      {
        kind: 'rst-ttl',
        side: 'for',
        weight: 2,
        statement: 'The RST has TTL 64; the client has 51 in all other packets',
        packets: [{ input: 0, number: 12 }],
        lines: [],
      },
      {
        kind: 'data-after-rst',
        side: 'for',
        weight: 4,
        statement: 'The client goes on sending after the RST',
        packets: [
          { input: 0, number: 13 },
          { input: 0, number: 14 },
          { input: 0, number: 16 },
        ],
        lines: [],
      },
      { kind: 'log-lost', side: 'for', weight: 1, statement: 'The log has the connection lost', packets: [], lines: [{ input: 1, line: 12 }] },
      { kind: 'same-mac', side: 'against', weight: 0.3, statement: 'The RST came by the same router', packets: [{ input: 0, number: 12 }], lines: [] },
    ],
    consequences: [{ statement: 'The appliance answers later data with RST', packets: [{ input: 0, number: 15 }] }],
    interference: [{ kind: 'option-stripped', statement: 'Window scaling was taken out of the SYN', packets: [{ input: 0, number: 1 }] }],
    nextCapture: [{ where: 'client', why: 'Outside of the firewall the RST must be absent', command: "tcpdump -i eth0 -s 0 -w client.pcap 'host 192.0.2.25'" }],
    caveats: ['The capture cannot contain ICMP errors'],
    ...changes,
  };
}

export function completedSession(): ReportSession {
  return sampleSession({
    id: 'icid-10294',
    icid: 10294,
    mids: [1405],
    clientPort: 60900,
    streams: [],
    opened: '2026-11-21T17:50:00.000000Z',
    impact: 'none',
    transactions: [{ mid: 1405, outcome: 'accepted', stage: 'data-end', recipients: 2, octets: 4120 }],
    verdict: {
      cause: 'completed',
      causeConfidence: 'proven',
      actor: 'client',
      actorConfidence: 'proven',
      confidence: 'proven',
      stage: 'quit',
      statement: 'The client said QUIT after one accepted message.',
      silentSide: null,
      rung: null,
      mechanism: 'closes',
      function: 'ended by what is not in the inputs',
      alternatives: [],
      hypotheses: [],
    },
    evidence: [],
    consequences: [],
    interference: [],
    nextCapture: [],
    caveats: [],
  });
}

export function sampleReport(changes: Partial<Report> = {}): Report {
  const clock = {
    logOffsetSeconds: 3600,
    uncertaintySeconds: 0.5,
    timeZone: 'Europe/Berlin',
    timeZoneBasis: 'header of the log',
    basis: 'accepted MIDs',
    pairs: 12,
  };
  return {
    schemaVersion: 1,
    tool: { name: 'whohungup', version: '0.1.0' },
    inputs: [
      sampleInput(),
      sampleInput({ path: 'mail_logs', kind: 'mail_logs', format: 'text', vantage: null, packets: null, lines: 310, cannotContain: [], anomalies: [] }),
    ],
    clock,
    clocks: [{ ...clock, log: 1, capture: 0 }],
    sessions: [completedSession(), sampleSession()],
    messages: [],
    caveats: [],
    ...changes,
  };
}

const packet = (number: number) => [{ input: 0, number }];

export function sampleTranscript(): Transcript {
  const blank = {
    client: '',
    packets: '',
    appliance: '',
    log: '',
    refs: [],
    lines: [],
    basis: 'read' as const,
    confidence: null,
    ended: false,
    after: false,
    gapSeconds: 0.001,
  };
  return {
    session: 'icid-10293',
    title: 'ICID 10293, 198.51.100.147 port 60846 to 192.0.2.25 port 25, stream 3',
    leftName: 'client',
    rightName: 'appliance',
    endedWords: 'a RST that the client did not send',
    rows: [
      {
        ...blank,
        at: '2026-11-21T17:54:21.057155Z',
        gapSeconds: null,
        packets: 'SYN, SYN/ACK, ACK: connected in 12 ms',
        log: '17:54:21 New SMTP ICID 10293 interface Management (192.0.2.25) address 198.51.100.147 reverse dns host unknown verified no',
        refs: [
          { input: 0, number: 1 },
          { input: 0, number: 2 },
          { input: 0, number: 3 },
        ],
        lines: [{ input: 1, line: 4 }],
      },
      { ...blank, at: '2026-11-21T17:54:21.060155Z', packets: '<-', appliance: '220 esa.example.com ESMTP', refs: packet(4) },
      { ...blank, at: '2026-11-21T17:54:21.061155Z', packets: '->', client: 'EHLO ns.example.com', refs: packet(5) },
      { ...blank, at: '2026-11-21T17:54:21.062155Z', packets: '<-', appliance: '250 esa.example.com | 8BITMIME | SIZE 33554432', refs: packet(6) },
      {
        ...blank,
        at: '2026-11-21T17:54:57.560165Z',
        gapSeconds: 36.49801,
        packets: '-> RST, at the exact sequence number',
        log: '17:54:57 ICID 10293 lost\n17:54:57 ICID 10293 close',
        refs: packet(12),
        lines: [
          { input: 1, line: 12 },
          { input: 1, line: 13 },
        ],
        ended: true,
      },
      {
        ...blank,
        at: '2026-11-21T17:54:58.560165Z',
        gapSeconds: 1,
        packets: '-> 2 packets after the end',
        client: '(data, 86 octets)',
        refs: packet(13),
        after: true,
      },
    ],
  };
}

export function sampleAnalysis(changes: Partial<Analysis> = {}): Analysis {
  return {
    report: sampleReport(),
    messageList: null,
    connections: [],
    compare: () => Promise.resolve([]),
    takeOut: () => ({
      sessions: [],
      vantages: [],
      ports: new Uint8Array(65_536),
      log: null,
      clock: { estimate: null, toCapture: () => null, toUtc: (wallUs) => wallUs },
      estimates: [],
      applianceAddresses: [],
    }),
    transcripts: (id) => (id === 'icid-10293' ? sampleTranscript() : { ...sampleTranscript(), session: id, title: id, rows: [] }),
    sessionOf: () => null,
    sources: [],
    unknownLines: [{ path: 'mail_logs', line: 7, text: 'something \u001b[31mred' }],
    failures: [],
    damaged: false,
    anyReadable: true,
    ...changes,
  };
}
