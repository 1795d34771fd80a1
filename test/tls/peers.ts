import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, createServer, type Server, type TlsOptions, type TLSSocket } from 'node:tls';
import { EC_CERTIFICATE, EC_KEY, RSA_CERTIFICATE, RSA_KEY } from './credentials.ts';

/** Octets that one peer put on the wire, in order of time. 0 is the client. */
export interface WireWrite {
  readonly side: 0 | 1;
  readonly octets: Buffer;
}

/** A word of either peer within TLS; the next one is said when the other side has heard it. */
export type Word = readonly [speaker: 'C' | 'S', text: string];

export interface Recording {
  readonly wire: readonly WireWrite[];
  /** Where in it each word begins. */
  readonly wordsAt: readonly number[];
  /** Lines of the key log, without line ends. */
  readonly keyLog: readonly string[];
  /** To be resumed by a later client. */
  readonly session: Buffer | null;
  readonly resumed: boolean;
}

export interface PeerOptions {
  readonly server?: TlsOptions;
  readonly client?: ConnectionOptions;
  /** Both peers end with close_notify, the client first. */
  readonly closes?: boolean;
  /** Done once within the words, behind the first of the client's. */
  readonly betweenWords?: (client: TLSSocket) => Promise<void>;
}

/** Two ends of a line without a network, whose octets are noted. */
function wires(wire: WireWrite[]): readonly [Duplex, Duplex] {
  const ends: Duplex[] = [];
  for (const side of [0, 1] as const) {
    ends.push(
      new Duplex({
        read() {},
        write(chunk: Buffer, _encoding, done) {
          wire.push({ side, octets: Buffer.from(chunk) });
          ends[1 - side]?.push(chunk);
          done();
        },
        final(done) {
          ends[1 - side]?.push(null);
          done();
        },
      }),
    );
  }
  const [client, server] = ends;
  if (!client || !server) throw new Error('two ends');
  return [client, server];
}

/** A server of mail: with an RSA and an EC certificate, so that every kind of suite can be chosen, and a memory for sessions. */
export function serverOf(options: TlsOptions = {}): Server {
  const sessions = new Map<string, Buffer>();
  return createServer({ key: [RSA_KEY, EC_KEY], cert: [RSA_CERTIFICATE, EC_CERTIFICATE], dhparam: 'auto', ...options })
    .on('newSession', (id: Buffer, data: Buffer, done: () => void) => {
      sessions.set(id.toString('hex'), data);
      done();
    })
    .on('resumeSession', (id: Buffer, done: (error: Error | null, data: Buffer | null) => void) => done(null, sessions.get(id.toString('hex')) ?? null));
}

/** Has two real peers say the words within TLS. */
export async function converse(words: readonly Word[], options: PeerOptions = {}, listener = serverOf(options.server)): Promise<Recording> {
  const wire: WireWrite[] = [];
  const keyLog: string[] = [];
  const [clientEnd, serverEnd] = wires(wire);
  let session: Buffer | null = null;
  const client = connect({ socket: clientEnd, rejectUnauthorized: false, servername: 'mx.example.com', ...options.client });
  client.on('keylog', (line: Buffer) => void keyLog.push(line.toString('latin1').trim()));
  client.on('session', (given) => {
    session = given;
  });
  const failure = new Promise<never>((_, reject) => {
    client.once('error', reject);
    listener.once('tlsClientError', reject);
  });
  failure.catch(() => undefined);
  const accepted = new Promise<TLSSocket>((resolve) => void listener.once('secureConnection', resolve));
  const secured = new Promise<void>((resolve) => void client.once('secureConnect', resolve));
  listener.emit('connection', serverEnd);
  const [server] = await Promise.race([Promise.all([accepted, secured]), failure]);
  let isFirst = true;
  const wordsAt: number[] = [];
  for (const [speaker, text] of words) {
    wordsAt.push(wire.length);
    const [from, to] = speaker === 'C' ? [client, server] : [server, client];
    await Promise.race([deliver(from, to, Buffer.from(text, 'latin1')), failure]);
    if (isFirst && speaker === 'C') {
      server.resume();
      await Promise.race([options.betweenWords?.(client), failure]);
    }
    if (speaker === 'C') isFirst = false;
  }
  const resumed = client.isSessionReused();
  if (options.closes !== false) {
    const ended = new Promise<void>((resolve) => void client.once('close', () => resolve()));
    server.once('end', () => server.end());
    server.resume();
    client.resume();
    client.end();
    await Promise.race([ended, failure]);
  }
  return { wire, wordsAt, keyLog, session, resumed };
}

function deliver(from: TLSSocket, to: TLSSocket, octets: Buffer): Promise<void> {
  return new Promise((resolve) => {
    let have = 0;
    const hear = (chunk: Buffer): void => {
      have += chunk.length;
      if (have < octets.length) return;
      to.off('data', hear);
      to.pause();
      resolve();
    };
    to.on('data', hear);
    to.resume();
    from.write(octets);
  });
}
