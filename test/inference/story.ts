/** Lists of TLS records as a capture would give them, from what was said. */
import type { Known, KnownMessage } from '../../src/inference/known.ts';
import { ContentType, type TlsRecord, type TlsSummary } from '../../src/model/tls.ts';
import { tlsSummary } from '../support/tls-summary.ts';

const START_US = 1_795_283_703_000_000;
const TLS_AES_256_GCM_SHA384 = 0x1302;
/** Tag and inner content type of TLS 1.3. */
const OVERHEAD = 17;

/** `C` the client, `S` the server, with the octets of the content; a pause in seconds goes before. */
export type Spoken = readonly ['C' | 'S', content: number, pauseSeconds?: number];

/** A session of TLS 1.3 whose handshake is over: Finished, two tickets, then what is spoken. */
export function records(...spoken: readonly Spoken[]): TlsSummary {
  let atUs = START_US;
  const list: TlsRecord[] = [];
  const add = (side: 'C' | 'S', content: number, pauseSeconds = 0.02): void => {
    atUs += pauseSeconds * 1e6;
    list.push({
      side: side === 'C' ? 0 : 1,
      type: ContentType.applicationData,
      length: content + OVERHEAD,
      at: { atUs, packet: { input: 0, number: list.length + 1 } },
    });
  };
  add('S', 830);
  add('S', 52);
  add('C', 52);
  add('S', 233);
  add('S', 233);
  for (const [side, content, pause] of spoken) add(side, content, pause);
  return tlsSummary({ firstUs: START_US, version: 'TLSv1.3', suite: TLS_AES_256_GCM_SHA384, records: list });
}

export const MESSAGE: KnownMessage = {
  mid: 2_000_811,
  sender: 'sender@client.example',
  recipients: [{ address: 'rcpt@example.net', refused: false }],
  octets: null,
  fate: 'unknown',
  response: null,
};

/** An injection into an appliance that said its name, and offered neither PIPELINING nor CHUNKING. */
export function known(changes: Partial<Known> = {}): Known {
  return {
    begin: 'starttls',
    clientName: 'mail.client.example',
    greeting: 'esa.example.net ESMTP',
    clearHelloOctets: 68,
    pipelining: false,
    chunking: false,
    isAppliance: true,
    messages: null,
    isWhole: false,
    closedBy: 'client',
    closedUs: null,
    ...changes,
  };
}

const line = (text: string): number => text.length + 2;

export const EHLO: Spoken = ['C', line('EHLO mail.client.example')];
export const HELLO: Spoken = ['S', 54];
export const MAIL: Spoken = ['C', line('MAIL FROM:<sender@client.example>')];
export const MAIL_OK: Spoken = ['S', line('250 sender <sender@client.example> ok')];
export const RCPT: Spoken = ['C', line('RCPT TO:<rcpt@example.net>')];
export const RCPT_OK: Spoken = ['S', line('250 recipient <rcpt@example.net> ok')];
export const DATA: Spoken = ['C', line('DATA')];
export const GO_AHEAD: Spoken = ['S', line('354 go ahead')];
export const DOT: Spoken = ['C', line('.')];
export const ACCEPTED: Spoken = ['S', line('250 ok:  Message 2000811 accepted')];
export const QUIT: Spoken = ['C', line('QUIT')];
export const BYE: Spoken = ['S', line('221 esa.example.net')];
export const CLOSE_BY_SERVER: Spoken = ['S', 2];
export const CLOSE_BY_CLIENT: Spoken = ['C', 2];
