import { followDialogue, type DialogueBudget } from '../../src/smtp/index.ts';
import type { DialogueEvent, SmtpCommand, SmtpDialogue, SmtpReply } from '../../src/model/smtp.ts';
import type { TlsEvent } from '../../src/model/tls.ts';
import { type KeyRing, tlsFollowers } from '../../src/tls/index.ts';
import type { DialogueFollower } from '../../src/model/smtp.ts';
import type { StreamGap } from '../../src/model/tcp.ts';
import type { Side } from '../../src/model/units.ts';

export const SECOND = 1_000_000;

type Cut = (octets: Buffer) => Buffer[];

interface Setting {
  readonly clientSide?: Side | null;
  readonly serverPort?: number;
  readonly budget?: DialogueBudget;
  readonly keys?: KeyRing;
  /** How what is said at once is split over segments. */
  readonly cut?: Cut;
}

/** A conversation as a story: each line is said a tenth of a second after the one before, in a packet of its own. */
export class Playbook {
  readonly follower: DialogueFollower;
  readonly #cut: Cut;
  #clientSide: Side;
  #atUs = 10 * SECOND;
  #packet = 0;

  constructor(setting: Setting = {}) {
    const clientSide = setting.clientSide === undefined ? 0 : setting.clientSide;
    this.#clientSide = clientSide ?? 0;
    this.#cut = setting.cut ?? ((octets) => [octets]);
    this.follower = followDialogue({
      clientSide,
      serverPort: setting.serverPort ?? 25,
      openTls: tlsFollowers(setting.keys ?? null),
      ...(setting.budget ? { budget: setting.budget } : {}),
    });
  }

  get nowUs(): number {
    return this.#atUs;
  }

  client(...lines: (string | Uint8Array)[]): this {
    return this.#say(this.#clientSide, lines);
  }

  server(...lines: (string | Uint8Array)[]): this {
    return this.#say(this.#clientSide === 0 ? 1 : 0, lines);
  }

  /** Octets as they are, without line ends added. */
  clientRaw(octets: string | Uint8Array): this {
    return this.#send(this.#clientSide, Buffer.from(octets as string, 'latin1'));
  }

  serverRaw(octets: string | Uint8Array): this {
    return this.#send(this.#clientSide === 0 ? 1 : 0, Buffer.from(octets as string, 'latin1'));
  }

  clientGap(length: number, kind: StreamGap['kind'] = 'capture'): this {
    this.follower.gap(this.#clientSide, length, kind, this.#tick());
    return this;
  }

  serverGap(length: number, kind: StreamGap['kind'] = 'capture'): this {
    this.follower.gap(this.#clientSide === 0 ? 1 : 0, length, kind, this.#tick());
    return this;
  }

  /** One segment as a snap length leaves it. */
  clientSnapped(octets: string, kept: number): this {
    this.clientRaw(octets.slice(0, kept));
    return octets.length > kept ? this.clientGap(octets.length - kept, 'snap') : this;
  }

  serverSnapped(octets: string, kept: number): this {
    this.serverRaw(octets.slice(0, kept));
    return octets.length > kept ? this.serverGap(octets.length - kept, 'snap') : this;
  }

  wait(seconds: number): this {
    this.#atUs += seconds * SECOND;
    return this;
  }

  greet(): this {
    return this.server('220 esa.example.com ESMTP').client('EHLO mail.client.example').server('250-esa.example.com', '250-8BITMIME', '250 SIZE 20971520');
  }

  envelope(): this {
    return this.client('MAIL FROM:<a@client.example>').server('250 sender ok').client('RCPT TO:<b@example.com>').server('250 recipient ok');
  }

  finish(): SmtpDialogue {
    return this.follower.finish();
  }

  #say(side: Side, lines: (string | Uint8Array)[]): this {
    return this.#send(side, Buffer.concat(lines.map((line) => (typeof line === 'string' ? Buffer.from(`${line}\r\n`, 'latin1') : Buffer.from(line)))));
  }

  #send(side: Side, octets: Buffer): this {
    const at = this.#tick();
    // Octets stand in the middle of a larger buffer, as in a capture's window.
    for (const piece of this.#cut(octets)) {
      const window = Buffer.concat([Buffer.from('\r\n.\r\nQUIT\r\n'), piece, Buffer.from('.\r\nQUIT\r\n')]);
      this.follower.octets(side, window, 11, 11 + piece.length, at);
      window.fill(0);
    }
    return this;
  }

  #tick(): { atUs: number; input: number; packet: number } {
    this.#atUs += SECOND / 10;
    this.#packet++;
    return { atUs: this.#atUs, input: 0, packet: this.#packet };
  }
}

export function playbook(setting: Setting = {}): Playbook {
  return new Playbook(setting);
}

export function commands(dialogue: SmtpDialogue): SmtpCommand[] {
  return dialogue.events.filter((event) => event.kind === 'command');
}

export function replies(dialogue: SmtpDialogue): SmtpReply[] {
  return dialogue.events.filter((event) => event.kind === 'reply');
}

export function verbs(dialogue: SmtpDialogue): string[] {
  return commands(dialogue).map(({ verb }) => verb);
}

export function stages(dialogue: SmtpDialogue): string[] {
  return dialogue.stages.map(({ stage }) => stage);
}

export function tlsEvents(dialogue: SmtpDialogue): TlsEvent[] {
  return dialogue.events.filter((event) => event.kind === 'tls');
}

/** `MAIL 250`, `DATA 354`, `data-end 250`, `QUIT -`: each word of the client with the code of its reply. */
export function exchanges(dialogue: SmtpDialogue): string[] {
  const said: string[] = [];
  for (const event of dialogue.events) {
    if (event.kind !== 'command' && event.kind !== 'data-end' && event.kind !== 'chunk-end') continue;
    const reply: DialogueEvent | undefined = event.reply === null ? undefined : dialogue.events[event.reply];
    said.push(`${event.kind === 'command' ? event.verb : event.kind} ${reply?.kind === 'reply' ? reply.code : '-'}`);
  }
  return said;
}
