import type { TextRange } from '../model/maillog.ts';
import { rangesOf } from './ranges.ts';

/** Class, subject and detail (RFC 3463), also `#5.1.0` as AsyncOS writes it, where a reply's text begins: behind its code, a quote, or the dash of a bounce. */
const ENHANCED = /(?<=^ ?#?|['"]#?|- )[245]\.\d{1,3}\.\d{1,3}(?=[\s:'"]|$)/g;
/** The number under which AsyncOS, and the log of a delivery, name a message. */
const ACCEPTED = /(?<=\bMessage )\d{1,15}(?= accepted)/g;
/** What an offer of an extension says (RFC 1870, RFC 9422). */
const OFFERED = /(?<=^ ?SIZE[ =])\d{1,20}(?=\s*$)|(?<=\b(?:RCPTMAX|MAILMAX|RCPTDOMAINMAX)=)\d{1,10}(?=\s|$)/gi;
/** A number whose unit is said. */
const MEASURED =
  /(?<![\d.,:+/-]|[\d.,:+/-] )\b(?:\d{1,12}(?= (?:bytes|octets)\b)|\d{1,5}(?= (?:seconds?|minutes?|hours?|[KM]i?B|recipients?|messages?|connections?|commands?|errors?)\b))/gi;
/** What the appliance numbers itself, errors of the system (errno), bounds of reputation scores, the appliance's own interfaces. */
const OF_LOGS =
  /(?<=\b(?:MID|ICID|DCID|RID|RCID) )\d{1,15}(?![\d.,-])|(?<=\[Errno )\d{1,3}(?=\])|(?<=\bsbrs\[)[-\d.:, ]{1,20}(?=\])|(?<=\binterface Data )\d(?!\d)/gi;
/** Day, time and zone of a header (RFC 5322, 3.3), with nothing else in it. */
const DATE_FIELD =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), +)?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{2,4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|[A-Z]{1,4})(?: \([A-Z]{1,5}\))?\s*$/;

const REPLY = [ENHANCED, ACCEPTED, OFFERED, MEASURED];
const LOG = [ENHANCED, ACCEPTED, MEASURED, OF_LOGS];

/** Numbers in a reply's text (behind its code) that are understood. */
export function numbersOfReply(text: string): TextRange[] {
  return REPLY.flatMap((pattern) => rangesOf(text, pattern));
}

/** Numbers in a line of a log that are understood by what stands around them. */
export function numbersOfLog(text: string): TextRange[] {
  return LOG.flatMap((pattern) => rangesOf(text, pattern));
}

export function isDateField(value: string): boolean {
  return DATE_FIELD.test(value);
}
