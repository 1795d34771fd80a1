import type { ReportCertificate, ReportSession, ReportTls } from '../model/report.ts';

const READ: Readonly<Record<ReportTls['content'], string>> = {
  opaque: '',
  decrypted: '; what it holds was decrypted',
  partly: '; a part of what it holds was decrypted',
};

const PROBLEMS: Readonly<Record<ReportCertificate['problems'][number], string>> = {
  'not-yet-valid': 'not valid yet at that time',
  expired: 'expired by that time',
  'self-signed': 'signed by itself',
};

/** How a session was encrypted, and with what; null where it was not. */
export function nameEncryption({ encrypted, tls }: Pick<ReportSession, 'encrypted' | 'tls'>): string | null {
  if (encrypted === 'none') return null;
  const begin = encrypted === 'starttls' ? 'after STARTTLS' : 'from the first octet';
  if (!tls) return begin;
  const parts = [begin];
  if (tls.version !== null) parts.push(tls.version);
  if (tls.suite !== null) parts.push(tls.suite);
  if (tls.serverName !== null) parts.push(`server name ${tls.serverName}`);
  if (tls.alpn !== null) parts.push(`ALPN ${tls.alpn}`);
  if (tls.resumed === true) parts.push('a session resumed');
  return `${parts.join(', ')}${READ[tls.content]}`;
}

/** The server's certificate, and the client's where it sent one, each with what is wrong with its chain. */
export function nameCertificates({ tls }: Pick<ReportSession, 'tls'>): string[] {
  if (!tls) return [];
  return [
    ...tls.serverCertificates.slice(0, 1).map((own) => nameCertificate('server', own, tls.serverCertificates)),
    ...tls.clientCertificates.slice(0, 1).map((own) => nameCertificate('client', own, tls.clientCertificates)),
  ];
}

function nameCertificate(who: string, own: ReportCertificate, chain: readonly ReportCertificate[]): string {
  const until = own.notAfter === null ? '' : `, valid until ${own.notAfter.slice(0, 10)}`;
  // A root that signs itself is what chains end with.
  const problems = chain.flatMap(({ problems: found }, index) =>
    found.filter((problem) => index === 0 || problem !== 'self-signed').map((problem) => PROBLEMS[problem]),
  );
  const wrong = problems.length === 0 ? '' : `: ${[...new Set(problems)].join(', ')}`;
  return `${who}: ${own.subject}, issued by ${own.issuer}${until}${wrong}`;
}
