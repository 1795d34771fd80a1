import { suiteOf } from '../model/cipher-suites.ts';
import type { ReportCertificate, ReportTls } from '../model/report.ts';
import type { SmtpDialogue } from '../model/smtp.ts';
import type { TlsCertificate } from '../model/tls.ts';
import type { EpochUs } from '../model/units.ts';
import { isoTime } from './times.ts';

/** What was negotiated, and how far it could be read; null without TLS. */
export function reportTls({ tls, client }: SmtpDialogue): ReportTls | null {
  if (!tls) return null;
  const { alert, suite } = tls;
  const chain = (certificates: readonly TlsCertificate[]): ReportCertificate[] =>
    certificates.map((certificate) => reportCertificate(certificate, tls.firstUs));
  return {
    version: tls.version,
    offeredVersions: tls.offeredVersions,
    suite: suite === null ? null : (suiteOf(suite)?.name ?? `0x${suite.toString(16).padStart(4, '0')}`),
    serverName: tls.sni,
    alpn: tls.alpn,
    extendedMasterSecret: tls.extendedMasterSecret,
    encryptThenMac: tls.encryptThenMac,
    resumed: tls.resumed,
    established: tls.established,
    content: tls.content,
    alert: alert && {
      by: alert.side === client ? 'client' : 'server',
      level: alert.level,
      name: alert.name,
      at: isoTime(alert.at.atUs) ?? '',
      packet: alert.at.packet,
    },
    serverCertificates: chain(tls.serverCertificates),
    clientCertificates: chain(tls.clientCertificates),
  };
}

function reportCertificate({ subject, issuer, names, notBeforeUs, notAfterUs, selfSigned }: TlsCertificate, seenUs: EpochUs): ReportCertificate {
  const problems: ReportCertificate['problems'][number][] = [];
  if (seenUs < notBeforeUs) problems.push('not-yet-valid');
  if (seenUs > notAfterUs) problems.push('expired');
  if (selfSigned) problems.push('self-signed');
  return { subject, issuer, names, notBefore: isoTime(notBeforeUs), notAfter: isoTime(notAfterUs), problems };
}
