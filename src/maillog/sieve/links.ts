import type { MailLog } from '../../model/maillog.ts';
import type { Selection } from '../../model/settings.ts';
import { type Needle, needleOfText, needlesOfDcid, needlesOfIcid, needlesOfMid } from './needles.ts';

/** What messages are asked for by; what a log's octets can be searched for. */
export type Wanted = Pick<Selection, 'mid' | 'icid' | 'dcid' | 'sender' | 'recipient' | 'messageId'>;

type IdKind = 'mid' | 'icid' | 'dcid';

/** Something to look for, and how far it was looked for. */
export interface Quest {
  readonly kind: IdKind | 'text';
  readonly id: number;
  readonly needles: readonly Needle[];
  /** The file in which it was learned: those before were gone through without it. -1: it was looked for in all of all files. */
  since: number;
}

const NEEDLES: Readonly<Record<IdKind, (id: number) => Needle[]>> = { mid: needlesOfMid, icid: needlesOfIcid, dcid: needlesOfDcid };
/** Texts shorter than this stand in every line. */
const SHORTEST_TEXT = 3;

/** Lines that join two messages. */
const JOINS = /split creating|rewritten to|generated (?:based on|for bounce)|Reinjected MID|MID originally/;
const IDS = /\b(?:ESA)?([MID]C?ID)(?: \[|[ :=]+)(\d{1,15})\b|\brewritten to (\d{1,15})\b|\b[Mm]essage (\d{1,15}) to RID/g;

/** All that belongs to the messages asked for, as far as it is known. */
export class Links {
  readonly quests: Quest[] = [];
  readonly #wanted: Wanted;
  readonly #texts: readonly string[];
  readonly #known: Readonly<Record<IdKind, Set<number>>> = { mid: new Set(), icid: new Set(), dcid: new Set() };

  private constructor(wanted: Wanted, texts: readonly string[]) {
    this.#wanted = wanted;
    this.#texts = texts.map((text) => text.toLowerCase());
  }

  /** Null where nothing in the selection can be searched for. */
  static of(wanted: Wanted): Links | null {
    const links = new Links(wanted, wanted.mid.length + wanted.icid.length + wanted.dcid.length > 0 ? [] : (textsOf(wanted) ?? []));
    if (wanted.mid.length > 0) for (const mid of wanted.mid) links.#add('mid', mid, -1);
    else {
      for (const icid of wanted.icid) links.#add('icid', icid, -1);
      for (const dcid of wanted.dcid) links.#add('dcid', dcid, -1);
    }
    for (const text of links.#texts) links.quests.push({ kind: 'text', id: 0, needles: [needleOfText(text)], since: -1 });
    return links.quests.length > 0 ? links : null;
  }

  #add(kind: IdKind, id: number, since: number): Quest | null {
    if (id <= 0 || this.#known[kind].has(id)) return null;
    this.#known[kind].add(id);
    const quest = { kind, id, needles: NEEDLES[kind](id), since };
    this.quests.push(quest);
    return quest;
  }

  /** What a line names that belongs to the messages and is new. */
  learn(line: string, file: number): Needle[] {
    const found: { kind: IdKind; id: number }[] = [];
    for (const [, name, digits, rewritten, pending] of line.matchAll(IDS)) {
      if (name === 'MID' || name === 'ICID' || name === 'DCID')
        found.push({ kind: name === 'MID' ? 'mid' : name === 'ICID' ? 'icid' : 'dcid', id: Number(digits) });
      else found.push({ kind: 'mid', id: Number(rewritten ?? pending) });
    }
    const isKnown = found.some(({ kind, id }) => kind === 'mid' && this.#known.mid.has(id));
    const takesMids = isKnown ? JOINS.test(line) : this.#isSeed(line, found);
    if (!isKnown && !takesMids) return [];
    return found.flatMap(({ kind, id }) => (kind === 'mid' && !takesMids ? [] : (this.#add(kind, id, file)?.needles ?? [])));
  }

  /** A line that was asked for by its connection or by its text. */
  #isSeed(line: string, found: readonly { readonly kind: IdKind; readonly id: number }[]): boolean {
    const { mid, icid, dcid } = this.#wanted;
    if (mid.length > 0) return false;
    const text = line.toLowerCase();
    return (
      found.some(({ kind, id }) => (kind === 'icid' && icid.includes(id)) || (kind === 'dcid' && dcid.includes(id))) ||
      this.#texts.some((wanted) => text.includes(wanted))
    );
  }

  /** The lines that begin something were found, so that what stands before the place where it was learned does not matter. */
  isBegun({ kind, id }: Quest, log: MailLog): boolean {
    if (kind === 'icid') return log.injections.some((injection) => injection.icid === id && injection.opened !== null);
    if (kind === 'dcid') return log.deliveries.some((delivery) => delivery.dcid === id && delivery.opened !== null);
    if (kind === 'text') return true;
    return log.messages.some(
      (message) => (message.mid === id && message.started !== null) || message.relations.some(({ to, relation }) => to === id && relation !== 'released-as'),
    );
  }
}

function textsOf(wanted: Wanted): string[] | null {
  for (const texts of [wanted.messageId, wanted.sender, wanted.recipient]) {
    const plain = texts.map((text) => text.replace(/^<(.*)>$/, '$1'));
    // Quotes and backslashes may be written in other ways.
    if (plain.length > 0) return plain.every((text) => text.length >= SHORTEST_TEXT && /^[!#-&(-[\]-~]+$/.test(text)) ? plain : null;
  }
  return null;
}
