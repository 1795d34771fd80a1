import type { Selection } from '../../model/settings.ts';
import { hashMessageId } from './scan-ids.ts';
import type { IdKind, WantedIds } from './sifted-file.ts';

/** What messages are asked for by; what a log's octets can be searched for. */
export type Wanted = Pick<Selection, 'mid' | 'icid' | 'dcid' | 'sender' | 'recipient' | 'messageId'>;

/** Texts shorter than this stand in every line. */
const SHORTEST_TEXT = 3;

/** Lines that join two messages. */
const JOINS = /split creating|rewritten to|generated (?:based on|for bounce)|Reinjected MID|MID originally/;
const IDS = /\b(?:ESA)?([MID]C?ID)(?: originally)?(?: \[|[ :=]+)(\d{1,15})\b|\brewritten to (\d{1,15})\b|\b[Mm]essage (\d{1,15}) to RID/g;

type Fresh = Readonly<Record<IdKind | 'messageIds', Set<number>>>;

/** All that belongs to the messages asked for, as far as it is known. */
export class Links {
  /** Texts by which the messages are asked for. */
  readonly texts: readonly string[];
  readonly #wanted: Wanted;
  readonly #known = { mid: new Set<number>(), icid: new Set<number>(), dcid: new Set<number>() };
  readonly #hashes = new Set<number>();
  #fresh = newFresh();

  private constructor(wanted: Wanted, texts: readonly string[]) {
    this.#wanted = wanted;
    this.texts = texts.map((text) => text.toLowerCase());
  }

  /** Null where nothing in the selection can be searched for. */
  static of(wanted: Wanted): Links | null {
    const links = new Links(wanted, wanted.mid.length + wanted.icid.length + wanted.dcid.length > 0 ? [] : (textsOf(wanted) ?? []));
    for (const mid of wanted.mid) links.#add('mid', mid);
    if (wanted.mid.length === 0) {
      for (const icid of wanted.icid) links.#add('icid', icid);
      for (const dcid of wanted.dcid) links.#add('dcid', dcid);
    }
    return links.texts.length > 0 || links.hasFresh ? links : null;
  }

  get known(): WantedIds {
    return this.#known;
  }

  get hasFresh(): boolean {
    return Object.values(this.#fresh).some(({ size }) => size > 0);
  }

  /** What was learned since the last call. */
  takeFresh(): Fresh {
    const fresh = this.#fresh;
    this.#fresh = newFresh();
    return fresh;
  }

  #add(kind: IdKind, id: number): void {
    if (id <= 0 || this.#known[kind].has(id)) return;
    this.#known[kind].add(id);
    this.#fresh[kind].add(id);
  }

  /** Takes from a line what it names that belongs to the messages. */
  learn(line: string): void {
    const found = idsOf(line);
    const isKnown = found.some(({ kind, id }) => kind === 'mid' && this.#known.mid.has(id));
    const takesMids = isKnown ? JOINS.test(line) : this.#isSeed(line, found);
    if (!isKnown && !takesMids) return;
    for (const { kind, id } of found) if (kind !== 'mid' || takesMids) this.#add(kind, id);
    this.#learnMessageId(line);
  }

  #learnMessageId(line: string): void {
    const hash = hashMessageId(line);
    if (hash === null || this.#hashes.has(hash)) return;
    this.#hashes.add(hash);
    this.#fresh.messageIds.add(hash);
  }

  /** A line with the Message-ID of one of the messages: the same message again, perhaps after a quarantine elsewhere. */
  learnNamesake(line: string): void {
    for (const { kind, id } of idsOf(line)) if (kind === 'mid') this.#add('mid', id);
  }

  /** A line that was asked for by its connection or by its text. */
  #isSeed(line: string, found: readonly FoundId[]): boolean {
    const { mid, icid, dcid } = this.#wanted;
    if (mid.length > 0) return false;
    const text = line.toLowerCase();
    return (
      found.some(({ kind, id }) => (kind === 'icid' && icid.includes(id)) || (kind === 'dcid' && dcid.includes(id))) ||
      this.texts.some((wanted) => text.includes(wanted))
    );
  }
}

interface FoundId {
  readonly kind: IdKind;
  readonly id: number;
}

function idsOf(line: string): FoundId[] {
  const found: FoundId[] = [];
  for (const [, name, digits, rewritten, pending] of line.matchAll(IDS)) {
    if (name === 'MID' || name === 'ICID' || name === 'DCID')
      found.push({ kind: name === 'MID' ? 'mid' : name === 'ICID' ? 'icid' : 'dcid', id: Number(digits) });
    else found.push({ kind: 'mid', id: Number(rewritten ?? pending) });
  }
  return found;
}

function newFresh(): Fresh {
  return { mid: new Set(), icid: new Set(), dcid: new Set(), messageIds: new Set() };
}

function textsOf(wanted: Wanted): string[] | null {
  for (const texts of [wanted.messageId, wanted.sender, wanted.recipient]) {
    const plain = texts.map((text) => text.replace(/^<(.*)>$/, '$1'));
    // Quotes and backslashes may be written in other ways.
    if (plain.length > 0) return plain.every((text) => text.length >= SHORTEST_TEXT && /^[!#-&(-[\]-~]+$/.test(text)) ? plain : null;
  }
  return null;
}
