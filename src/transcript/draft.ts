import type { LineRef, PacketRef } from '../model/evidence.ts';
import type { InferredRecord } from '../model/inference.ts';
import type { Cause, TranscriptRow } from '../model/report.ts';
import type { EpochUs } from '../model/units.ts';

/** What a row shows, as far as the order of rows and the place of log lines depend on it. */
export type DraftRole = 'handshake' | 'syn' | 'fin' | 'rst' | 'command' | 'reply' | 'data' | 'tls' | 'event';

/** A row in the making. `client` is who sends SMTP commands, `appliance` the other side: left and right of the transcript. */
export interface DraftRow {
  readonly role: DraftRole;
  readonly atUs: EpochUs;
  /** Last moment of a folded row. */
  lastUs: EpochUs;
  client: string;
  packets: string;
  appliance: string;
  readonly log: string[];
  /** Every packet folded into it, in file order. */
  readonly refs: PacketRef[];
  readonly lines: LineRef[];
  /** Index in `SmtpDialogue.events`, where it comes from there. */
  readonly event: number | null;
  /** How what it says came to be known. */
  readonly basis: TranscriptRow['basis'];
  /** How sure an inferred row is; null for what was read. */
  readonly confidence: TranscriptRow['confidence'];
  /** The record behind an inferred row. */
  readonly words: InferredRecord | null;
}

/** What ended the session: the packets or log lines whose row is marked, and the words for it. */
export interface EndMark {
  /** Most telling first. */
  readonly packets: readonly PacketRef[];
  readonly lines: readonly LineRef[];
  readonly words: string;
  /** When it was, in the capture's clock: it gets a row of its own where no packet or line of this session is named (it was seen at another vantage point). */
  readonly atUs: EpochUs | null;
  /** Decides between rows of one packet (QUIT and FIN in one segment). */
  readonly cause: Cause | null;
}

export function newRow(role: DraftRole, atUs: EpochUs, refs: readonly PacketRef[], event: number | null = null): DraftRow {
  return {
    role,
    atUs,
    lastUs: atUs,
    client: '',
    packets: '',
    appliance: '',
    log: [],
    refs: [...refs],
    lines: [],
    event,
    basis: 'read',
    confidence: null,
    words: null,
  };
}
