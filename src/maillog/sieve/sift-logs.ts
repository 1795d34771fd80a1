import { AnomalyCounter } from '../../model/anomaly.ts';
import type { MailLog, MessageHistory } from '../../model/maillog.ts';
import type { Selection } from '../../model/settings.ts';
import type { Source } from '../../model/source.ts';
import { type ReadLogsOptions, readLogs } from '../read-logs.ts';
import { Finder } from './finder.ts';
import { HEADER_NEEDLES, type Needle, needleOfText, needlesOfDcid, needlesOfIcid, needlesOfMid } from './needles.ts';
import { SiftedFile } from './sift-file.ts';

/** What messages are asked for by; what a log's octets can be searched for. */
export type Wanted = Pick<Selection, 'mid' | 'icid' | 'dcid' | 'sender' | 'recipient' | 'messageId'>;

/** Chains are short: each round goes through the files once and finds the next links. */
const MAX_ROUNDS = 12;
/** Beyond so many lines reading everything is no slower. */
const MAX_KEPT_LINES = 400_000;
/** Texts shorter than this stand in every line. */
const SHORTEST_TEXT = 3;

/**
 * Reads of the logs only what belongs to the messages asked for: goes through the octets without understanding them, keeps the lines that
 * name the wanted, learns from these which connections and further messages belong to them, and looks for those in turn. Null where that
 * cannot be: nothing in the selection can be searched for, an input can be read only once, or too much was found.
 */
export async function siftLogs(sources: readonly Source[], wanted: Wanted, { onProgress, ...options }: ReadLogsOptions = {}): Promise<MailLog | null> {
  const seeds = seedNeedles(wanted);
  const texts = sources.filter((source) => source.kind === 'text');
  if (seeds === null || texts.some((source) => source.once)) return null;
  const files = texts.map((source) => new SiftedFile(source));
  const known: Links = { mids: new Set(wanted.mid), icids: new Set(wanted.icid), dcids: new Set(wanted.dcid) };
  let needles = seeds;
  for (let round = 0; needles.length > 0; round++) {
    if (round === MAX_ROUNDS) return null;
    const finder = new Finder(round === 0 ? [...needles, ...HEADER_NEEDLES] : needles);
    for (const file of files) {
      // oxlint-disable-next-line no-await-in-loop -- one file at a time
      if (!(await file.sift(finder, onProgress ?? ignore, options.signal ?? null))) return null;
    }
    if (files.reduce((sum, { kept }) => sum + kept.size, 0) > MAX_KEPT_LINES) return null;
    // oxlint-disable-next-line no-await-in-loop -- what was found tells what to look for next
    const log = await readLogs(
      files.map((file) => toSource(file, new AnomalyCounter())),
      options,
    );
    if (options.signal?.aborted) return log;
    needles = findLinks(log, wanted, known);
  }
  return await readLogs(
    files.map((file) => toSource(file, file.source.anomalies)),
    options,
  );
}

function seedNeedles(wanted: Wanted): Needle[] | null {
  if (wanted.mid.length > 0) return wanted.mid.flatMap(needlesOfMid);
  if (wanted.icid.length + wanted.dcid.length > 0) return [...wanted.icid.flatMap(needlesOfIcid), ...wanted.dcid.flatMap(needlesOfDcid)];
  for (const texts of [wanted.messageId, wanted.sender, wanted.recipient]) {
    const plain = texts.map((text) => text.replace(/^<(.*)>$/, '$1'));
    // Quotes and backslashes may be written in other ways.
    if (plain.length > 0) return plain.every((text) => text.length >= SHORTEST_TEXT && /^[!#-&(-[\]-~]+$/.test(text)) ? plain.map(needleOfText) : null;
  }
  return null;
}

interface Links {
  readonly mids: Set<number>;
  readonly icids: Set<number>;
  readonly dcids: Set<number>;
}

/** What belongs to the wanted messages and was not looked for yet. */
function findLinks(log: MailLog, wanted: Wanted, known: Links): Needle[] {
  const needles: Needle[] = [];
  const add = (set: Set<number>, value: number, toNeedles: (value: number) => Needle[]): void => {
    if (value <= 0 || set.has(value)) return;
    set.add(value);
    needles.push(...toNeedles(value));
  };
  for (const message of log.messages) {
    if (isSeed(message, wanted)) add(known.mids, message.mid, needlesOfMid);
  }
  for (const delivery of log.deliveries) {
    if (wanted.dcid.includes(delivery.dcid)) for (const mid of delivery.mids) add(known.mids, mid, needlesOfMid);
  }
  for (const message of log.messages) {
    if (!known.mids.has(message.mid)) continue;
    if (message.icid !== null) add(known.icids, message.icid, needlesOfIcid);
    for (const line of message.lines) {
      const entry = log.entryOf(line);
      if (entry === null) continue;
      if (entry.kind === 'mid-relation') {
        add(known.mids, entry.from, needlesOfMid);
        add(known.mids, entry.to, needlesOfMid);
      }
      if ('dcid' in entry && entry.dcid !== null) add(known.dcids, entry.dcid, needlesOfDcid);
    }
  }
  return needles;
}

/** Asked for by an ICID or by a text; by a MID it was looked for at once. */
function isSeed(message: MessageHistory, wanted: Wanted): boolean {
  if (wanted.mid.length > 0) return false;
  if (wanted.icid.length + wanted.dcid.length > 0) return message.icid !== null && wanted.icid.includes(message.icid);
  if (wanted.messageId.length > 0) return contains([message.messageId], wanted.messageId);
  if (wanted.sender.length > 0) return contains([message.sender], wanted.sender);
  return contains(
    message.recipients.map(({ address }) => address),
    wanted.recipient,
  );
}

function contains(values: readonly (string | null)[], asked: readonly string[]): boolean {
  return asked.some((text) => {
    const plain = text.toLowerCase().replace(/^<(.*)>$/, '$1');
    return values.some((value) => value !== null && value.toLowerCase().includes(plain));
  });
}

/** The kept lines as if they were the file. */
function toSource({ source, kept, lines }: SiftedFile, anomalies: AnomalyCounter): Source {
  const numbers = Uint32Array.from(kept.keys()).sort();
  const bytes = Buffer.from([...numbers].map((number) => kept.get(number) ?? '').join('\n'), 'latin1');
  return {
    input: source.input,
    path: source.path,
    kind: source.kind,
    format: source.format,
    bytes: source.bytes,
    vantage: source.vantage,
    advice: source.advice,
    anomalies,
    excerpt: { numbers, lines },
    open() {
      let at = 0;
      return {
        read: (into, offset, length) => {
          const count = Math.min(length, bytes.length - at);
          into.set(bytes.subarray(at, at + count), offset);
          at += count;
          return Promise.resolve(count);
        },
        close: () => Promise.resolve(),
      };
    },
  };
}

function ignore(): void {}
