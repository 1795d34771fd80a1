import type { RecipientOutcome } from './report.ts';
import { type EpochUs, SECOND_US } from './units.ts';

/** Facts about the site as the user states them; what is null is inferred and the inference printed. */
export interface Site {
  readonly applianceAddresses: readonly string[];
  readonly balancers: readonly string[];
  readonly ports: readonly number[];
  /** IANA zone or fixed offset `+01:00`. */
  readonly logTimeZone: string | null;
  /** Log clock minus capture clock in seconds. */
  readonly clockOffsetSeconds: number | null;
  readonly inboundTimeoutSeconds: number;
  /** The user said so, rather than the default being used. */
  readonly inboundTimeoutGiven: boolean;
  readonly totalTimeLimitSeconds: number;
}

/** What TLS may be opened with: names of files, never their content. */
export interface KeySources {
  /** NSS key logs. */
  readonly keyLogs: readonly string[];
  /** Private RSA keys of servers. */
  readonly rsaKeys: readonly string[];
  /** Asks for the password of those that are encrypted; null where nobody may be asked. */
  readonly askPassword: (() => Promise<string>) | null;
}

/** Beside what captures hold themselves. */
export const NO_KEYS: KeySources = { keyLogs: [], rsaKeys: [], askPassword: null };

/** Filters the output, never the pairing. Different fields must all hold; values of one are alternatives; empty means no restriction. */
export interface Selection {
  readonly icid: readonly number[];
  readonly dcid: readonly number[];
  readonly mid: readonly number[];
  /** Addresses or CIDR blocks. */
  readonly client: readonly string[];
  readonly sender: readonly string[];
  readonly recipient: readonly string[];
  readonly subject: readonly string[];
  readonly messageId: readonly string[];
  readonly serial: readonly string[];
  /** TCP stream numbers. */
  readonly stream: readonly number[];
  readonly since: EpochUs | null;
  readonly until: EpochUs | null;
  /** Texts (sender, recipient, subject, Message-ID) must be equal, rather than contain what was asked for. Never case-sensitive. */
  readonly exact?: boolean;
  /** Messages only: with one of these outcomes for some recipient. Empty or absent: any. */
  readonly outcomes?: readonly RecipientOutcome[];
}

/** A selection that leaves nothing out. */
export const EVERYTHING: Selection = {
  icid: [],
  dcid: [],
  mid: [],
  client: [],
  sender: [],
  recipient: [],
  subject: [],
  messageId: [],
  serial: [],
  stream: [],
  since: null,
  until: null,
};

/** Ports on which mail is spoken: SMTP (RFC 5321), SMTPS (RFC 8314), submission (RFC 6409), its common alternative, and the SMA's quarantine ports (Cisco SMA guide: 6025; 7025). */
export const MAIL_PORTS: readonly number[] = [25, 465, 587, 2525, 6025, 7025];
/** A capture that is said to have run longer without a packet is not believed. */
export const LONGEST_SILENCE_US = 31 * 86_400 * SECOND_US;
/** Cisco guide for AsyncOS 10.0: "Timeout for unsuccessful inbound connections". */
export const INBOUND_TIMEOUT_SECONDS = 300;
/** AsyncOS: "Total time limit for all inbound connections" (default from memory of the guide, medium certainty). */
export const TOTAL_TIME_LIMIT_SECONDS = 900;

/** Nothing is asked for in particular: all is wanted, whatever it is like, as far as outcomes go. */
export function selectsAll(selection: Selection): boolean {
  const { icid, dcid, mid, client, serial, stream, sender, recipient, subject, messageId } = selection;
  const lists = [icid, dcid, mid, client, serial, stream, sender, recipient, subject, messageId];
  return selection.since === null && selection.until === null && lists.every((list) => list.length === 0);
}
