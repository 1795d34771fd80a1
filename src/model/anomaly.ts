/** `notice`: worth knowing · `loss`: something is missing from the input · `error`: the input is damaged (exit status 4 for `loss` and `error`). */
export type AnomalySeverity = 'info' | 'notice' | 'loss' | 'error';

interface AnomalyKindInfo {
  readonly severity: AnomalySeverity;
  /** What it means for the reader of the verdict; one sentence. */
  readonly meaning: string;
}

/** Every oddity that a reader of captures or logs can report. Adding one is one line here. */
export const ANOMALIES = {
  'empty-file': { severity: 'notice', meaning: 'the file holds nothing' },
  'cut-in-record': { severity: 'loss', meaning: 'the file ends inside a record, as when it is copied while tcpdump still writes; everything before is kept' },
  'cut-gzip': { severity: 'loss', meaning: 'the compressed file ends early; what could be unpacked is kept' },
  'read-error': { severity: 'loss', meaning: 'the operating system stopped giving the file; what was read before is kept' },
  'corrupt-gzip': { severity: 'error', meaning: 'the compressed octets are damaged; what was unpacked before that place is kept' },
  'corrupt-record': {
    severity: 'error',
    meaning: 'octets that are no packet record were skipped until records made sense again; packets may be missing there',
  },
  'corrupt-block': { severity: 'error', meaning: 'a pcapng block with an impossible length was skipped; packets may be missing there' },
  'trailing-octets': {
    severity: 'loss',
    meaning: 'octets that are no gzip follow the packed data and were left out; all in front of them is kept',
  },
  concatenated: { severity: 'info', meaning: 'several captures follow one another in this file; all were read' },
  'capture-drops': {
    severity: 'loss',
    meaning: 'the capturing host itself reports dropped packets; a packet that is absent here may still have been on the wire',
  },
  'snap-length': { severity: 'notice', meaning: 'packets were stored only up to the snap length; text beyond it cannot be read' },
  'unknown-link-type': { severity: 'loss', meaning: 'packets of this link type cannot be read' },
  'unreadable-packet': { severity: 'notice', meaning: 'packets whose headers are cut or contradict themselves were counted and passed over' },
  'bad-checksum': {
    severity: 'info',
    meaning:
      'TCP checksums that do not match: usually the network card computes them after the capture (offload), which marks the sender as the capturing host',
  },
  'duplicate-frame': { severity: 'info', meaning: 'the same frame was captured twice, as on a mirror port; the copy is not counted' },
  disorder: { severity: 'notice', meaning: 'time stamps in the file run backwards' },
  offload: { severity: 'info', meaning: 'segments larger than the path allows: the network card cuts them after the capture or joins them before it' },
  'fragment-budget': { severity: 'loss', meaning: 'more unfinished IP fragments than are kept; the oldest were given up' },
  'unfinished-fragments': { severity: 'notice', meaning: 'IP fragments whose siblings are not in the file; their packets could not be put together' },
  'late-secrets': {
    severity: 'notice',
    meaning: 'keys stand behind packets that they may open, in a file that cannot be read twice: sessions that began before them were read without',
  },
  tunnel: { severity: 'info', meaning: 'packets inside a tunnel were read as if they had been captured bare' },
  'no-log-line': {
    severity: 'notice',
    meaning:
      'not one line of this text is of a log of the appliance; expected are lines as in mail_logs (`Thu Aug 14 11:05:36 2014 Info: ICID 10293 lost`), or a capture in pcap or pcapng form',
  },
  'unknown-line': { severity: 'notice', meaning: 'log lines in no known shape; list them with --unknown-lines' },
  'line-without-time': { severity: 'notice', meaning: 'lines without a time stamp that continue no known line' },
  'overlong-line': { severity: 'notice', meaning: 'lines beyond the length that is read were cut' },
  'year-missing': { severity: 'notice', meaning: 'the syslog prefix carries no year; the year was taken from the captures or from today' },
  'time-backwards': { severity: 'notice', meaning: 'the log runs backwards in time here: two files joined, or the clock was set' },
} as const satisfies Record<string, AnomalyKindInfo>;

export type AnomalyKind = keyof typeof ANOMALIES;

export interface Anomaly {
  readonly kind: AnomalyKind;
  readonly severity: AnomalySeverity;
  count: number;
  /** Where it was first seen: `offset 4711`, `line 12`, `packet 30`. */
  readonly where: string;
  /** The table's sentence, with what is known in addition. */
  readonly meaning: string;
}

/** Counts anomalies of one input; keeps the place of the first of each kind. */
export class AnomalyCounter {
  readonly #byKind = new Map<AnomalyKind, Anomaly>();

  /** `count` further cases of `kind`; `where` and `detail` are kept from the first. */
  note(kind: AnomalyKind, where: string, count = 1, detail = ''): void {
    const known = this.#byKind.get(kind);
    if (known) {
      known.count += count;
      return;
    }
    const { severity, meaning } = ANOMALIES[kind];
    this.#byKind.set(kind, { kind, severity, count, where, meaning: detail ? `${meaning} (${detail})` : meaning });
  }

  /** Adds what another counter has noted. */
  take(other: AnomalyCounter): void {
    for (const anomaly of other.list()) {
      const known = this.#byKind.get(anomaly.kind);
      if (known) known.count += anomaly.count;
      else this.#byKind.set(anomaly.kind, anomaly);
    }
  }

  list(): Anomaly[] {
    return [...this.#byKind.values()];
  }
}
