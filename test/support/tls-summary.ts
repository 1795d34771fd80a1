import type { TlsSummary } from '../../src/model/tls.ts';

/** TLS of which nothing but its records was seen, with what a test adds. */
export function tlsSummary(known: Partial<TlsSummary> & Pick<TlsSummary, 'firstUs'>): TlsSummary {
  return {
    begin: 'starttls',
    version: null,
    offeredVersions: [],
    suite: null,
    sni: null,
    alpn: null,
    extendedMasterSecret: false,
    encryptThenMac: false,
    resumed: null,
    established: true,
    alert: null,
    applicationOctets: [1, 1],
    applicationRecords: [1, 1],
    records: [],
    recordsDropped: 0,
    content: 'opaque',
    obstacle: null,
    serverCertificates: [],
    clientCertificates: [],
    ...known,
  };
}
