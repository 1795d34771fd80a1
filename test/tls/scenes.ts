import type { KeyObject } from 'node:crypto';
import type { SmtpDialogue } from '../../src/model/smtp.ts';
import { type KeyRing, readKeyLog, RsaKeys, Secrets } from '../../src/tls/index.ts';
import { type Playbook, playbook } from '../smtp/conversation.ts';
import type { Recording, WireWrite, Word } from './peers.ts';

const MESSAGE = `Subject: hello\r\n\r\n${'All work and no play.\r\n'.repeat(200)}.\r\n`;

/** What is said within TLS: one message, then QUIT. */
export const WORDS: readonly Word[] = [
  ['C', 'EHLO mail.client.example\r\n'],
  ['S', '250-esa.example.com\r\n250 SIZE 1000000\r\n'],
  ['C', 'MAIL FROM:<a@client.example>\r\n'],
  ['S', '250 sender <a@client.example> ok\r\n'],
  ['C', 'RCPT TO:<b@example.com>\r\n'],
  ['S', '250 recipient <b@example.com> ok\r\n'],
  ['C', 'DATA\r\n'],
  ['S', '354 go ahead\r\n'],
  ['C', MESSAGE],
  ['S', '250 ok:  Message 1357 accepted\r\n'],
  ['C', 'QUIT\r\n'],
  ['S', '221 esa.example.com\r\n'],
];

export function ringOf(keyLog: readonly string[], keys: readonly KeyObject[] = []): KeyRing {
  const secrets = new Secrets();
  readKeyLog(keyLog.join('\n'), secrets);
  return { secrets, rsa: new RsaKeys(keys) };
}

/** What was said in clear before TLS begins. */
export function upToTls(ring: KeyRing | null, cut?: (octets: Buffer) => Buffer[]): Playbook {
  return playbook({ ...(ring ? { keys: ring } : {}), ...(cut ? { cut } : {}) })
    .server('220 esa.example.com ESMTP')
    .client('EHLO mail.client.example')
    .server('250-esa.example.com', '250 STARTTLS')
    .client('STARTTLS')
    .server('220 Go ahead with TLS');
}

/** The dialogue of a STARTTLS session whose TLS part is a recording. */
export function read({ wire }: Pick<Recording, 'wire'>, ring: KeyRing | null, cut?: (octets: Buffer) => Buffer[]): SmtpDialogue {
  return say(upToTls(ring, cut), wire).finish();
}

export function say(scene: Playbook, wire: readonly WireWrite[]): Playbook {
  for (const { side, octets } of wire)
    if (side === 0) scene.clientRaw(octets);
    else scene.serverRaw(octets);
  return scene;
}

/** The words of a dialogue without the places where they were said: what TLS must not change. */
export function wordsOf(dialogue: SmtpDialogue): string[] {
  return dialogue.events.flatMap((event) => {
    if (event.kind === 'command') return `${event.verb} ${event.argument} (${event.length})`;
    if (event.kind === 'reply') return `${event.code} ${event.role} ${event.lines.join('|')}`;
    return event.kind === 'data-start' || event.kind === 'data-end' ? `${event.kind} ${event.octets}` : [];
  });
}

/** The same words in clear. */
export function inClear(words: readonly Word[] = WORDS): string[] {
  const scene = playbook().server('220 esa.example.com ESMTP').client('EHLO mail.client.example').server('250-esa.example.com', '250 STARTTLS');
  for (const [speaker, text] of words)
    if (speaker === 'C') scene.clientRaw(text);
    else scene.serverRaw(text);
  return wordsOf(scene.finish()).slice(3);
}

/** The words that were said behind STARTTLS and its answer. */
export function inside(dialogue: SmtpDialogue): string[] {
  return wordsOf(dialogue).slice(5);
}
