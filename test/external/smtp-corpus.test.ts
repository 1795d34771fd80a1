/**
 * Follows every SMTP session of the public captures and compares it with what their authors say of them: Suricata's checks (`test.yaml`) and
 * Arkime's session records (`.test`). Each QUIT that the packets hold at the start of a line must be found.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCaptures } from '../../src/capture/index.ts';
import type { SegmentView } from '../../src/model/packet.ts';
import { MAIL_PORTS } from '../../src/model/settings.ts';
import type { DialogueFollower, SmtpDialogue } from '../../src/model/smtp.ts';
import type { TcpConnection } from '../../src/model/tcp.ts';
import { followDialogue } from '../../src/smtp/index.ts';
import { tlsFollowers } from '../../src/tls/index.ts';
import { openSources } from '../../src/source/index.ts';
import { trackConnections } from '../../src/tcp/index.ts';
import { BlockStore } from '../../src/vault/index.ts';

const corpus = fileURLToPath(new URL('../../../shared/corpus/pcap/', import.meta.url));

/** Where a difference is meant, and why. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'socks5-smtp-503.pcap': 'SMTP inside SOCKS on port 1080: the first line begins with octets of SOCKS, so its EHLO is no command here',
};

interface Spoken {
  readonly connection: TcpConnection;
  readonly dialogue: SmtpDialogue;
}

interface Heard {
  readonly sessions: readonly Spoken[];
  /** `port>port` of segments that hold QUIT at the start of a line. */
  readonly quits: ReadonlySet<string>;
}

function manifest(): { file: string; expected: readonly string[] }[] {
  const [head = '', ...rows] = readFileSync(`${corpus}MANIFEST.tsv`, 'utf8').trim().split('\n');
  const names = head.split('\t');
  const column = (row: readonly string[], name: string): string => row[names.indexOf(name)] ?? '';
  return rows
    .map((row) => row.split('\t'))
    .filter((row) => Number(column(row, 'smtp_streams')) > 0)
    .map((row) => ({ file: column(row, 'file'), expected: column(row, 'expected_by_authors').split(' | ') }));
}

async function hear(file: string): Promise<Heard> {
  const ports = new Uint8Array(65_536);
  // 1224 and 1080 are named as a user would name them with --port.
  for (const port of [...MAIL_PORTS, 1224, 1080]) ports[port] = 1;
  const sessions: Spoken[] = [];
  const quits = new Set<string>();
  const tracker = trackConnections({
    vantage: 'test',
    store: new BlockStore(),
    serverPorts: ports,
    openStream: (info) => followDialogue({ clientSide: info.sawSyn ? 0 : null, serverPort: info.responderPort, openTls: tlsFollowers() }),
    onConnection: (connection, stream) => sessions.push({ connection, dialogue: (stream as DialogueFollower).finish() }),
  });
  const { sources } = await openSources([{ path: corpus + file, vantage: null }]);
  const sink = {
    segment: (view: SegmentView) => {
      const text = Buffer.from(view.bytes.subarray(view.payloadAt, view.payloadAt + view.payloadCaptured)).toString('latin1');
      if (/(^|\n)QUIT\r?\n/i.test(text)) quits.add(`${view.srcPort}>${view.dstPort}`);
      tracker.segment(view);
    },
    icmp: () => undefined,
  };
  await readCaptures(sources, sink, { ports, smtpElsewhere: () => undefined });
  tracker.finish();
  return { sessions, quits };
}

function addressOf(text: string): string {
  return text.trim().replace(/^<|>$/g, '').toLowerCase();
}

const present = (values: readonly (string | null)[]): string[] => values.flatMap((value) => value ?? []);

/** What all sessions of a file say, in one form for all comparisons. */
function factsOf(sessions: readonly Spoken[]) {
  const dialogues = sessions.map(({ dialogue }) => dialogue);
  const transactions = dialogues.flatMap((dialogue) => dialogue.transactions);
  return {
    hellos: dialogues.flatMap(({ events }) =>
      events.flatMap((event) => (event.kind === 'command' && /^(EHLO|HELO)$/.test(event.verb) ? event.argument.toLowerCase() : [])),
    ),
    senders: transactions.map(({ reversePath }) => addressOf(reversePath)),
    recipients: transactions.flatMap(({ recipients }) => recipients.map(({ forwardPath }) => addressOf(forwardPath))),
    subjects: present(transactions.map(({ header }) => header.subject)).map(decodeWords),
    froms: present(transactions.map(({ header }) => header.from)).map(decodeWords),
    messageIds: present(transactions.map(({ header }) => header.messageId)).map(addressOf),
  };
}

function decodeWords(text: string): string {
  const joined = text.replace(/(=\?[^?]+\?[bq]\?[^?]*\?=)\s*(?==\?[^?]+\?[bq]\?)/gi, '$1');
  const decoded = joined.replace(/=\?([^?]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, kind: string, body: string) => {
    const octets =
      kind.toLowerCase() === 'b'
        ? Buffer.from(body, 'base64')
        : Buffer.from(
            body.replaceAll('_', ' ').replace(/=([0-9A-F]{2})/gi, (_hex, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
            'latin1',
          );
    return new TextDecoder(charset).decode(octets);
  });
  return squeeze(decoded);
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '');
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** `key: value` lines of Suricata's filters that must match at least once; list indexes are taken off the keys. */
function suricataFacts(yaml: string): { key: string; value: string }[] {
  return yaml
    .split(/^\s*- filter:/m)
    .slice(1)
    .filter((filter) => /event_type: smtp/.test(filter) && !/count: 0\b/.test(filter))
    .flatMap((filter) =>
      [...filter.matchAll(/^\s*((?:smtp|email)\.[a-z_]+)(?:\[\d+\])?: *(.+)$/gm)].map((found) => ({
        key: found[1] ?? '',
        value: (found[2] ?? '').trim().replace(/^(["'])(.*)\1$/, '$2'),
      })),
    );
}

interface ArkimeMail {
  readonly src?: readonly string[];
  readonly dst?: readonly string[];
  readonly subject?: readonly string[];
  readonly id?: readonly string[];
  readonly smtpHello?: readonly string[];
}

function arkimeMails(json: string): ArkimeMail[] {
  const { sessions3 } = JSON.parse(json) as { sessions3: { body: { email?: ArkimeMail } }[] };
  return sessions3.flatMap(({ body }) => body.email ?? []);
}

describe.skipIf(!existsSync(corpus))('SMTP in public captures', () => {
  const heard = new Map<string, Heard>();
  const files = existsSync(corpus) ? manifest() : [];

  beforeAll(async () => {
    for (const { file } of files) heard.set(file, await hear(file));
  });

  test('every QUIT in the packets is found', () => {
    const missed: string[] = [];
    let found = 0;
    for (const { file } of files) {
      const { sessions, quits } = heard.get(file) ?? { sessions: [], quits: new Set<string>() };
      for (const quit of quits) {
        const session = sessions.find(({ connection: { originator, responder } }) => `${originator.port}>${responder.port}` === quit);
        if (session?.dialogue.quit === null || !session) missed.push(`${file} ${quit}`);
        else found++;
      }
    }
    expect(missed).toEqual([]);
    expect(found).toBeGreaterThan(30);
  });

  test('no QUIT is made up', () => {
    for (const { sessions } of heard.values()) {
      for (const { dialogue } of sessions)
        if (dialogue.quit !== null) expect(dialogue.events[dialogue.quit]).toMatchObject({ kind: 'command', verb: 'QUIT', afterGap: false });
    }
  });

  test("Suricata's checks hold", () => {
    let compared = 0;
    const wrong: string[] = [];
    for (const { file, expected } of files) {
      const yaml = expected.find((name) => name.endsWith('test.yaml'));
      if (!yaml) continue;
      const facts = factsOf(heard.get(file)?.sessions ?? []);
      for (const { key, value } of suricataFacts(readFileSync(`${corpus}${dirname(file)}/test.yaml`, 'utf8'))) {
        const list = {
          'smtp.helo': facts.hellos,
          'smtp.mail_from': facts.senders,
          'smtp.rcpt_to': facts.recipients,
          'email.subject': facts.subjects,
          'email.from': facts.froms,
          'email.message_id': facts.messageIds,
        }[key];
        if (!list) continue;
        compared++;
        const wanted = key === 'email.subject' || key === 'email.from' ? squeeze(value) : addressOf(value);
        if (!list.includes(wanted)) wrong.push(`${file}: ${key} ${wanted}, found ${list.join(' | ')}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(30);
  });

  test("Arkime's records agree", () => {
    let compared = 0;
    const wrong: string[] = [];
    for (const { file, expected } of files) {
      const record = expected.find((name) => name.endsWith('.test'));
      if (!record || Object.keys(DIFFERENCES).some((name) => file.endsWith(name))) continue;
      const mails = arkimeMails(readFileSync(corpus + file.replace(/\.pcap$/, '.test'), 'utf8'));
      const facts = factsOf(heard.get(file)?.sessions ?? []);
      const check = (what: string, theirs: readonly string[], ours: readonly string[]): void => {
        for (const one of theirs) {
          compared++;
          if (!ours.includes(one)) wrong.push(`${file}: ${what} ${one}, found ${ours.join(' | ')}`);
        }
      };
      const all = (field: keyof ArkimeMail): string[] => mails.flatMap((mail) => mail[field] ?? []);
      // Arkime keeps blanks between encoded words, which RFC 2047, 6.2 drops, and knows windows-1252: letters and digits decide.
      check('subject', all('subject').map(lettersOf), facts.subjects.map(lettersOf));
      check('message id', all('id').map(addressOf), facts.messageIds);
      check(
        'helo',
        all('smtpHello').map((name) => name.toLowerCase()),
        facts.hellos,
      );
      // Arkime adds the addresses of From and To to those of the envelope: compare the other way round.
      check(
        'sender',
        facts.senders.filter((sender) => sender !== ''),
        all('src').map(addressOf),
      );
      check('recipient', facts.recipients, all('dst').map(addressOf));
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(80);
  });
});
