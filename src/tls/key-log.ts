import { SECRET_LABELS, type SecretLabel, type Secrets } from './secrets.ts';

/** What a key log held, in numbers; its content is never told. */
export interface KeyLogCount {
  readonly secrets: number;
  /** Lines that are neither comments nor of a known form. */
  readonly strange: number;
}

const LINE = /^([A-Z][A-Z0-9_]*) ([0-9A-Fa-f]{64}) ([0-9A-Fa-f]{64,128})$/;
/** `RSA`, the first eight octets of the encrypted pre-master secret, and that secret. */
const RSA_LINE = /^RSA ([0-9A-Fa-f]{16}) ([0-9A-Fa-f]{96})$/;
/** As `openssl s_client` prints it. */
const SESSION_LINE = /^RSA Session-ID:([0-9A-Fa-f]{2,64}) Master-Key:([0-9A-Fa-f]{96})$/;
/** Labels that open no records: exporters, and those that future versions may add. */
const OTHER_LABEL = /^[A-Z][A-Z0-9_]* [0-9A-Fa-f]+ [0-9A-Fa-f]+$/;

const LABELS: ReadonlySet<string> = new Set(SECRET_LABELS);

/** Takes up the lines of an NSS key log (draft-ietf-tls-keylogfile), as files and decryption secrets blocks hold them. */
export function readKeyLog(text: string, into: Secrets): KeyLogCount {
  let secrets = 0;
  let strange = 0;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (readLine(line, into)) secrets++;
    else if (!OTHER_LABEL.test(line)) strange++;
  }
  return { secrets, strange };
}

function readLine(line: string, into: Secrets): boolean {
  const found = LINE.exec(line);
  if (found) {
    const [, label = '', random = '', secret = ''] = found;
    if (!LABELS.has(label)) return false;
    into.add(label as SecretLabel, random.toLowerCase(), Buffer.from(secret, 'hex'));
    return true;
  }
  const preMaster = RSA_LINE.exec(line);
  if (preMaster) {
    into.addPreMaster((preMaster[1] ?? '').toLowerCase(), Buffer.from(preMaster[2] ?? '', 'hex'));
    return true;
  }
  const session = SESSION_LINE.exec(line);
  if (!session) return false;
  into.remember(Buffer.from(session[1] ?? '', 'hex'), Buffer.from(session[2] ?? '', 'hex'));
  return true;
}
