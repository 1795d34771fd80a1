/** How the two sides come to a common secret; `RSA`: the client sends it under the server's key, which is enough to read all of it later. */
type Suite = readonly [number: number, name: string, openssl: string];

/** Cipher suites that may be met in mail (IANA, TLS Cipher Suites): number, name, and OpenSSL's name, which the appliance's log uses. */
const SUITES: readonly { readonly source: string; readonly suites: readonly Suite[] }[] = [
  {
    source: 'RFC 5246, A.5',
    suites: [
      [0x0001, 'TLS_RSA_WITH_NULL_MD5', 'NULL-MD5'],
      [0x0002, 'TLS_RSA_WITH_NULL_SHA', 'NULL-SHA'],
      [0x0004, 'TLS_RSA_WITH_RC4_128_MD5', 'RC4-MD5'],
      [0x0005, 'TLS_RSA_WITH_RC4_128_SHA', 'RC4-SHA'],
      [0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'DES-CBC3-SHA'],
      [0x0016, 'TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA', 'DHE-RSA-DES-CBC3-SHA'],
      [0x002f, 'TLS_RSA_WITH_AES_128_CBC_SHA', 'AES128-SHA'],
      [0x0032, 'TLS_DHE_DSS_WITH_AES_128_CBC_SHA', 'DHE-DSS-AES128-SHA'],
      [0x0033, 'TLS_DHE_RSA_WITH_AES_128_CBC_SHA', 'DHE-RSA-AES128-SHA'],
      [0x0034, 'TLS_DH_anon_WITH_AES_128_CBC_SHA', 'ADH-AES128-SHA'],
      [0x0035, 'TLS_RSA_WITH_AES_256_CBC_SHA', 'AES256-SHA'],
      [0x0038, 'TLS_DHE_DSS_WITH_AES_256_CBC_SHA', 'DHE-DSS-AES256-SHA'],
      [0x0039, 'TLS_DHE_RSA_WITH_AES_256_CBC_SHA', 'DHE-RSA-AES256-SHA'],
      [0x003a, 'TLS_DH_anon_WITH_AES_256_CBC_SHA', 'ADH-AES256-SHA'],
      [0x003b, 'TLS_RSA_WITH_NULL_SHA256', 'NULL-SHA256'],
      [0x003c, 'TLS_RSA_WITH_AES_128_CBC_SHA256', 'AES128-SHA256'],
      [0x003d, 'TLS_RSA_WITH_AES_256_CBC_SHA256', 'AES256-SHA256'],
      [0x0040, 'TLS_DHE_DSS_WITH_AES_128_CBC_SHA256', 'DHE-DSS-AES128-SHA256'],
      [0x0067, 'TLS_DHE_RSA_WITH_AES_128_CBC_SHA256', 'DHE-RSA-AES128-SHA256'],
      [0x006a, 'TLS_DHE_DSS_WITH_AES_256_CBC_SHA256', 'DHE-DSS-AES256-SHA256'],
      [0x006b, 'TLS_DHE_RSA_WITH_AES_256_CBC_SHA256', 'DHE-RSA-AES256-SHA256'],
      [0x006c, 'TLS_DH_anon_WITH_AES_128_CBC_SHA256', 'ADH-AES128-SHA256'],
      [0x006d, 'TLS_DH_anon_WITH_AES_256_CBC_SHA256', 'ADH-AES256-SHA256'],
    ],
  },
  {
    source: 'RFC 5932, 2',
    suites: [
      [0x0041, 'TLS_RSA_WITH_CAMELLIA_128_CBC_SHA', 'CAMELLIA128-SHA'],
      [0x0044, 'TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA', 'DHE-DSS-CAMELLIA128-SHA'],
      [0x0045, 'TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA', 'DHE-RSA-CAMELLIA128-SHA'],
      [0x0046, 'TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA', 'ADH-CAMELLIA128-SHA'],
      [0x0084, 'TLS_RSA_WITH_CAMELLIA_256_CBC_SHA', 'CAMELLIA256-SHA'],
      [0x0087, 'TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA', 'DHE-DSS-CAMELLIA256-SHA'],
      [0x0088, 'TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA', 'DHE-RSA-CAMELLIA256-SHA'],
      [0x0089, 'TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA', 'ADH-CAMELLIA256-SHA'],
      [0x00ba, 'TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256', 'CAMELLIA128-SHA256'],
      [0x00bd, 'TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA256', 'DHE-DSS-CAMELLIA128-SHA256'],
      [0x00be, 'TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256', 'DHE-RSA-CAMELLIA128-SHA256'],
      [0x00bf, 'TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA256', 'ADH-CAMELLIA128-SHA256'],
      [0x00c0, 'TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256', 'CAMELLIA256-SHA256'],
      [0x00c3, 'TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA256', 'DHE-DSS-CAMELLIA256-SHA256'],
      [0x00c4, 'TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256', 'DHE-RSA-CAMELLIA256-SHA256'],
      [0x00c5, 'TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256', 'ADH-CAMELLIA256-SHA256'],
    ],
  },
  {
    source: 'RFC 5288, 3',
    suites: [
      [0x009c, 'TLS_RSA_WITH_AES_128_GCM_SHA256', 'AES128-GCM-SHA256'],
      [0x009d, 'TLS_RSA_WITH_AES_256_GCM_SHA384', 'AES256-GCM-SHA384'],
      [0x009e, 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', 'DHE-RSA-AES128-GCM-SHA256'],
      [0x009f, 'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384', 'DHE-RSA-AES256-GCM-SHA384'],
      [0x00a2, 'TLS_DHE_DSS_WITH_AES_128_GCM_SHA256', 'DHE-DSS-AES128-GCM-SHA256'],
      [0x00a3, 'TLS_DHE_DSS_WITH_AES_256_GCM_SHA384', 'DHE-DSS-AES256-GCM-SHA384'],
      [0x00a6, 'TLS_DH_anon_WITH_AES_128_GCM_SHA256', 'ADH-AES128-GCM-SHA256'],
      [0x00a7, 'TLS_DH_anon_WITH_AES_256_GCM_SHA384', 'ADH-AES256-GCM-SHA384'],
    ],
  },
  {
    source: 'RFC 8446, B.4',
    suites: [
      [0x1301, 'TLS_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256'],
      [0x1302, 'TLS_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'],
      [0x1303, 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'],
      [0x1304, 'TLS_AES_128_CCM_SHA256', 'TLS_AES_128_CCM_SHA256'],
      [0x1305, 'TLS_AES_128_CCM_8_SHA256', 'TLS_AES_128_CCM_8_SHA256'],
    ],
  },
  {
    source: 'RFC 8422, 6',
    suites: [
      [0xc006, 'TLS_ECDHE_ECDSA_WITH_NULL_SHA', 'ECDHE-ECDSA-NULL-SHA'],
      [0xc007, 'TLS_ECDHE_ECDSA_WITH_RC4_128_SHA', 'ECDHE-ECDSA-RC4-SHA'],
      [0xc008, 'TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA', 'ECDHE-ECDSA-DES-CBC3-SHA'],
      [0xc009, 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'ECDHE-ECDSA-AES128-SHA'],
      [0xc00a, 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'ECDHE-ECDSA-AES256-SHA'],
      [0xc010, 'TLS_ECDHE_RSA_WITH_NULL_SHA', 'ECDHE-RSA-NULL-SHA'],
      [0xc011, 'TLS_ECDHE_RSA_WITH_RC4_128_SHA', 'ECDHE-RSA-RC4-SHA'],
      [0xc012, 'TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA', 'ECDHE-RSA-DES-CBC3-SHA'],
      [0xc013, 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'ECDHE-RSA-AES128-SHA'],
      [0xc014, 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 'ECDHE-RSA-AES256-SHA'],
      [0xc015, 'TLS_ECDH_anon_WITH_NULL_SHA', 'AECDH-NULL-SHA'],
      [0xc018, 'TLS_ECDH_anon_WITH_AES_128_CBC_SHA', 'AECDH-AES128-SHA'],
      [0xc019, 'TLS_ECDH_anon_WITH_AES_256_CBC_SHA', 'AECDH-AES256-SHA'],
    ],
  },
  {
    source: 'RFC 5289, 3.1',
    suites: [
      [0xc023, 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 'ECDHE-ECDSA-AES128-SHA256'],
      [0xc024, 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384', 'ECDHE-ECDSA-AES256-SHA384'],
      [0xc027, 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 'ECDHE-RSA-AES128-SHA256'],
      [0xc028, 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'ECDHE-RSA-AES256-SHA384'],
    ],
  },
  {
    source: 'RFC 5289, 3.2',
    suites: [
      [0xc02b, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
      [0xc02c, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
      [0xc02f, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
      [0xc030, 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ],
  },
  {
    source: 'RFC 6209, 2',
    suites: [
      [0xc050, 'TLS_RSA_WITH_ARIA_128_GCM_SHA256', 'ARIA128-GCM-SHA256'],
      [0xc051, 'TLS_RSA_WITH_ARIA_256_GCM_SHA384', 'ARIA256-GCM-SHA384'],
      [0xc052, 'TLS_DHE_RSA_WITH_ARIA_128_GCM_SHA256', 'DHE-RSA-ARIA128-GCM-SHA256'],
      [0xc053, 'TLS_DHE_RSA_WITH_ARIA_256_GCM_SHA384', 'DHE-RSA-ARIA256-GCM-SHA384'],
      [0xc056, 'TLS_DHE_DSS_WITH_ARIA_128_GCM_SHA256', 'DHE-DSS-ARIA128-GCM-SHA256'],
      [0xc057, 'TLS_DHE_DSS_WITH_ARIA_256_GCM_SHA384', 'DHE-DSS-ARIA256-GCM-SHA384'],
      [0xc05c, 'TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256', 'ECDHE-ECDSA-ARIA128-GCM-SHA256'],
      [0xc05d, 'TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384', 'ECDHE-ECDSA-ARIA256-GCM-SHA384'],
      [0xc060, 'TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256', 'ECDHE-ARIA128-GCM-SHA256'],
      [0xc061, 'TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384', 'ECDHE-ARIA256-GCM-SHA384'],
    ],
  },
  {
    source: 'RFC 6367, 2',
    suites: [
      [0xc072, 'TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256', 'ECDHE-ECDSA-CAMELLIA128-SHA256'],
      [0xc073, 'TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384', 'ECDHE-ECDSA-CAMELLIA256-SHA384'],
      [0xc076, 'TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256', 'ECDHE-RSA-CAMELLIA128-SHA256'],
      [0xc077, 'TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384', 'ECDHE-RSA-CAMELLIA256-SHA384'],
    ],
  },
  {
    source: 'RFC 6655, 3',
    suites: [
      [0xc09c, 'TLS_RSA_WITH_AES_128_CCM', 'AES128-CCM'],
      [0xc09d, 'TLS_RSA_WITH_AES_256_CCM', 'AES256-CCM'],
      [0xc09e, 'TLS_DHE_RSA_WITH_AES_128_CCM', 'DHE-RSA-AES128-CCM'],
      [0xc09f, 'TLS_DHE_RSA_WITH_AES_256_CCM', 'DHE-RSA-AES256-CCM'],
      [0xc0a0, 'TLS_RSA_WITH_AES_128_CCM_8', 'AES128-CCM8'],
      [0xc0a1, 'TLS_RSA_WITH_AES_256_CCM_8', 'AES256-CCM8'],
      [0xc0a2, 'TLS_DHE_RSA_WITH_AES_128_CCM_8', 'DHE-RSA-AES128-CCM8'],
      [0xc0a3, 'TLS_DHE_RSA_WITH_AES_256_CCM_8', 'DHE-RSA-AES256-CCM8'],
    ],
  },
  {
    source: 'RFC 7251, 2',
    suites: [
      [0xc0ac, 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM', 'ECDHE-ECDSA-AES128-CCM'],
      [0xc0ad, 'TLS_ECDHE_ECDSA_WITH_AES_256_CCM', 'ECDHE-ECDSA-AES256-CCM'],
      [0xc0ae, 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8', 'ECDHE-ECDSA-AES128-CCM8'],
      [0xc0af, 'TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8', 'ECDHE-ECDSA-AES256-CCM8'],
    ],
  },
  {
    source: 'RFC 7905, 3',
    suites: [
      [0xcca8, 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
      [0xcca9, 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
      [0xccaa, 'TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'DHE-RSA-CHACHA20-POLY1305'],
    ],
  },
];

/** What a suite's name says (RFC 5246, A.5; RFC 8446, B.4). */
export interface CipherSuite {
  readonly number: number;
  /** IANA's name. */
  readonly name: string;
  readonly openssl: string;
  /** RFC that defines it. */
  readonly source: string;
  /** `RSA`, `DHE_RSA`, `ECDHE_ECDSA` …; `TLS13` where the suite does not tell. */
  readonly keyExchange: string;
  /** How records are protected. */
  readonly mode: 'gcm' | 'ccm' | 'ccm8' | 'chacha' | 'cbc' | 'stream';
  /** `AES_128_GCM`, `CHACHA20_POLY1305`, `3DES_EDE_CBC` … */
  readonly cipher: string;
  /** Octets of the key. */
  readonly keyOctets: number;
  /** Octets of a block; 0 without blocks. */
  readonly blockOctets: number;
  /** Hash of the MAC; null for AEAD. */
  readonly mac: 'md5' | 'sha1' | 'sha256' | 'sha384' | null;
  readonly macOctets: number;
  /** Hash of the PRF in TLS 1.2, of HKDF in TLS 1.3; older versions have their own. */
  readonly prf: 'sha256' | 'sha384';
}

const MAC_OCTETS = { md5: 16, sha1: 20, sha256: 32, sha384: 48 } as const;

function readName([number, name, openssl]: Suite, source: string): CipherSuite {
  const found = /^TLS_(?:(\w+)_WITH_)?(\w+?)(?:_(MD5|SHA|SHA256|SHA384))?$/.exec(name);
  const [, keyExchange = 'TLS13', cipher = '', hash = 'SHA256'] = found ?? [];
  const mode = modeOf(cipher);
  const isAead = mode !== 'cbc' && mode !== 'stream';
  const mac = isAead ? null : hash === 'SHA' ? 'sha1' : hash === 'MD5' ? 'md5' : hash === 'SHA384' ? 'sha384' : 'sha256';
  return {
    number,
    name,
    openssl,
    source,
    keyExchange,
    mode,
    cipher,
    keyOctets: cipher === 'NULL' ? 0 : cipher.startsWith('3DES') ? 24 : mode === 'chacha' || cipher.includes('256') ? 32 : 16,
    blockOctets: mode !== 'cbc' ? 0 : cipher.startsWith('3DES') ? 8 : 16,
    mac,
    macOctets: mac ? MAC_OCTETS[mac] : 0,
    prf: hash === 'SHA384' ? 'sha384' : 'sha256',
  };
}

function modeOf(cipher: string): CipherSuite['mode'] {
  if (cipher.endsWith('_GCM')) return 'gcm';
  if (cipher.endsWith('_CCM')) return 'ccm';
  if (cipher.endsWith('_CCM_8')) return 'ccm8';
  if (cipher.startsWith('CHACHA20')) return 'chacha';
  return cipher.endsWith('_CBC') ? 'cbc' : 'stream';
}

const BY_NUMBER: ReadonlyMap<number, CipherSuite> = new Map(
  SUITES.flatMap(({ source, suites }) => suites.map((suite) => [suite[0], readName(suite, source)] as const)),
);

/** Null for numbers that are not in the table. */
export function suiteOf(number: number): CipherSuite | null {
  return BY_NUMBER.get(number) ?? null;
}

/** Octets that AEAD adds in TLS 1.2: the explicit part of the nonce, and the tag (RFC 5288, 3; RFC 6655, 3; RFC 7905, 2). */
const AEAD_OCTETS = {
  gcm: { nonce: 8, tag: 16 },
  ccm: { nonce: 8, tag: 16 },
  ccm8: { nonce: 8, tag: 8 },
  chacha: { nonce: 0, tag: 16 },
} as const;

/** What a record of a suite holds beside its content. */
export interface RecordOverhead {
  /** Octets in front of what is encrypted: explicit nonce, or the vector of CBC (from TLS 1.1 on). */
  readonly front: number;
  /** Octets of the tag or the MAC. */
  readonly back: number;
  /** Octet of the content type in TLS 1.3. */
  readonly inner: 0 | 1;
  /** Most and least octets of padding with their length octet. TLS 1.3 may pad, but nobody is known to in mail: 0. */
  readonly padding: readonly [least: number, most: number];
}

/** `version` as on the wire: 0x0303 is TLS 1.2. */
export function overheadOf({ mode, blockOctets, macOctets }: CipherSuite, version: number): RecordOverhead {
  if (mode === 'stream') return { front: 0, back: macOctets, inner: 0, padding: [0, 0] };
  if (mode === 'cbc') return { front: version >= 0x0302 ? blockOctets : 0, back: macOctets, inner: 0, padding: [1, blockOctets] };
  const { nonce, tag } = AEAD_OCTETS[mode];
  return version >= 0x0304 ? { front: 0, back: tag, inner: 1, padding: [0, 0] } : { front: nonce, back: tag, inner: 0, padding: [0, 0] };
}

/** By the names that a summary uses. */
const VERSIONS: Readonly<Record<string, number>> = { 'TLSv1.0': 0x0301, TLSv1: 0x0301, 'TLSv1.1': 0x0302, 'TLSv1.2': 0x0303, 'TLSv1.3': 0x0304 };

/** What the records of a session hold beside their content; null where its suite or version is unknown. */
export function overheadOfSession({ suite, version }: { readonly suite: number | null; readonly version: string | null }): RecordOverhead | null {
  const known = suite === null ? null : suiteOf(suite);
  const number = VERSIONS[version ?? ''];
  return known && number !== undefined ? overheadOf(known, number) : null;
}

/** Between how many octets of content a record of this length holds; CBC pads to whole blocks, with the least padding as a rule. Null where it is too short for the suite. */
export function contentOctets(overhead: RecordOverhead, recordOctets: number): readonly [least: number, most: number] | null {
  const { front, back, inner, padding } = overhead;
  const most = recordOctets - front - back - inner - padding[0];
  return most < 0 ? null : [Math.max(0, recordOctets - front - back - inner - padding[1]), most];
}
