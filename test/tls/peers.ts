import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
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
  /** Lines of the key log, without line ends. */
  readonly keyLog: readonly string[];
  /** To be resumed by a later client. */
  readonly session: Buffer | null;
  readonly resumed: boolean;
}

export interface PeerOptions {
  readonly server?: SecureContextOptions;
  readonly client?: ConnectionOptions;
  /** Both peers end with close_notify, the client first. */
  readonly closes?: boolean;
  /** Called once within the words, behind the first of the client's. */
  readonly betweenWords?: (client: TLSSocket, server: TLSSocket) => void;
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

/** What a server of mail would use: an RSA and an EC certificate, so that every kind of suite can be chosen. */
export function serverContext(options: SecureContextOptions = {}): ReturnType<typeof createSecureContext> {
  return createSecureContext({ key: [RSA_KEY, EC_KEY], cert: [RSA_CERTIFICATE, EC_CERTIFICATE], dhparam: 'auto', ...options });
}

/** Has two real peers say the words within TLS. */
export async function converse(words: readonly Word[], options: PeerOptions = {}, context = serverContext(options.server)): Promise<Recording> {
  const wire: WireWrite[] = [];
  const keyLog: string[] = [];
  const [clientEnd, serverEnd] = wires(wire);
  const server = new TLSSocket(serverEnd, { isServer: true, secureContext: context });
  let session: Buffer | null = null;
  const client = connect({ socket: clientEnd, rejectUnauthorized: false, servername: 'mx.example.com', ...options.client });
  client.on('keylog', (line: Buffer) => void keyLog.push(line.toString('latin1').trim()));
  client.on('session', (given) => {
    session = given;
  });
  const failure = new Promise<never>((_, reject) => {
    client.once('error', reject);
    server.once('error', reject);
  });
  failure.catch(() => undefined);
  const secured = (peer: TLSSocket, event: 'secure' | 'secureConnect') => new Promise<void>((resolve) => void peer.once(event, () => resolve()));
  await Promise.race([Promise.all([secured(server, 'secure'), secured(client, 'secureConnect')]), failure]);
  let isFirst = true;
  for (const [speaker, text] of words) {
    const [from, to] = speaker === 'C' ? [client, server] : [server, client];
    await Promise.race([deliver(from, to, Buffer.from(text, 'latin1')), failure]);
    if (isFirst && speaker === 'C') options.betweenWords?.(client, server);
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
  return { wire, keyLog, session, resumed };
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
