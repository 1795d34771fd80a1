/**
 * Credentials end here: whatever may hold a secret is replaced before it becomes part of an event.
 * Prefers to hide too much.
 */
export const HIDDEN = '***';

/** SASL mechanisms by name (IANA registry and the customary ones). What is none of them may be a secret that stands in its place. */
const MECHANISMS: ReadonlySet<string> = new Set([
  'PLAIN',
  'LOGIN',
  'CRAM-MD5',
  'DIGEST-MD5',
  'NTLM',
  'GSSAPI',
  'GSS-SPNEGO',
  'EXTERNAL',
  'ANONYMOUS',
  'XOAUTH',
  'XOAUTH2',
  'OAUTHBEARER',
  'KERBEROS_V4',
  'SCRAM-MD5',
  'SCRAM-SHA-1',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256',
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-512',
  'SCRAM-SHA-512-PLUS',
  'OTP',
  'SKEY',
  'SECURID',
  'SRP',
  'MSN',
]);

/** Argument of AUTH with all but the mechanism hidden. */
export function hideResponse(argument: string): string {
  const [mechanism = '', ...rest] = argument.trim().split(/\s+/);
  if (!MECHANISMS.has(mechanism.toUpperCase())) return mechanism === '' ? '' : HIDDEN;
  return rest.length > 0 ? `${mechanism} ${HIDDEN}` : mechanism;
}

/** Whether the words behind an unknown verb read as those of AUTH (the verb was masked or mistyped). */
export function readsAsAuth(argument: string): boolean {
  return MECHANISMS.has((argument.trim().split(/\s+/)[0] ?? '').toUpperCase());
}

/** One word in the alphabet of base64 that is no run of X: what a client says in an AUTH exchange. */
export function readsAsResponse(line: string): boolean {
  const word = line.trim();
  return /^[A-Za-z0-9+/=]{4,}$/.test(word) && !/^X+$/i.test(word);
}

/** A lone word that can hardly be anything but base64: no verb is so long and so mixed, or ends in padding. */
export function looksEncoded(line: string): boolean {
  const word = line.trim();
  if (!readsAsResponse(word) || word.length < 8) return false;
  return word.endsWith('=') || (/[a-z]/.test(word) && /[A-Z]/.test(word) && word.length % 4 === 0);
}

/** Replies that only authentication gets (RFC 4954, 6): what they answer was part of it, whatever its verb looked like. */
export function answersAuth(code: number): boolean {
  return code === 235 || code === 334 || code === 432 || code === 534 || code === 535 || code === 538;
}

/** Attributes with the user's name hidden (Postfix XCLIENT: `LOGIN=`). */
export function hideLogin(attributes: string): string {
  return attributes.replace(/(^|\s)(LOGIN=)\S+/gi, `$1$2${HIDDEN}`);
}

/** What may stay of a command that proved to be part of authentication: its verb where that was masked or begins one, never its argument. */
export function hideCommand(command: { verb: string; argument: string }): void {
  if (!/^(?:X+|A?U?TH?|AUT\S?)$/i.test(command.verb)) command.verb = HIDDEN;
  if (command.argument !== '') command.argument = readsAsAuth(command.argument) ? hideResponse(command.argument) : HIDDEN;
}

/** Text of a challenge: it may carry what the client said before, so only the two well-known prompts of LOGIN stay. */
export function hideChallenge(text: string): string {
  return text === '' || text === 'VXNlcm5hbWU6' || text === 'UGFzc3dvcmQ6' ? text : HIDDEN;
}

/** Remembers what was hidden, so that a server that repeats it does not give it away. Lives no longer than the follower. */
export class SecretMemory {
  readonly #secrets: string[] = [];

  get isEmpty(): boolean {
    return this.#secrets.length === 0;
  }

  /** Keeps the words of a hidden text and what they say in base64; at most 32. */
  remember(text: string): void {
    for (const word of text.split(/\s+/)) {
      if (MECHANISMS.has(word.toUpperCase())) continue;
      this.#keep(word);
      for (const part of Buffer.from(word, 'base64').toString('latin1').split('\0')) this.#keep(part);
    }
  }

  #keep(secret: string): void {
    if (secret.length < 4 || this.#secrets.length >= 32) return;
    const kept = secret.slice(0, 1_000);
    if (!this.#secrets.includes(kept)) this.#secrets.push(kept);
  }

  /** The text with everything remembered replaced. */
  scrubKnown(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, HIDDEN);
    return clean;
  }

  /** The text with everything remembered replaced, and what looks like base64: the server may repeat a part only. */
  scrub(text: string): string {
    let clean = text.replace(/[A-Za-z0-9+/]{12,}={0,2}/g, (word) => (/[a-z]/.test(word) && /.[A-Z]|[0-9]/.test(word) ? HIDDEN : word));
    return this.scrubKnown(clean);
  }
}
