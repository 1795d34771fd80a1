import type { LinePlaces } from '../model/maillog.ts';
import { numbersOfLog } from './numbers.ts';
import type { SpeechDisguise } from './speech.ts';
import type { TextDisguise } from './text.ts';

/** A line of an injection debug log: the appliance is the server there. */
const INJECTION = /^((?:\d{1,15}:? )?(?:ICID \d{1,15} )?(?:(Sent) to|(?:Rcvd|Received) from) )('?[^'\s:]\S{0,250}?'?)(: )(.*)$/s;
/** A line of a domain debug log: here it is the client. */
const DOMAIN = /^((?:DCID )?\d{1,15} (?:(Sent)|Rcvd): )(.*)$/s;
/** Ends of lines in the writing of these logs. */
const LINE_END = /(\\015\\012|\\r\\n|\\015|\\012|\\n)/;

/** Lines of a log without names, behind stamp and level. */
export class LogDisguise {
  readonly #text: TextDisguise;
  readonly #speech: SpeechDisguise;
  readonly #placesOf: (text: string) => LinePlaces | null;

  constructor(text: TextDisguise, speech: SpeechDisguise, placesOf: (text: string) => LinePlaces | null) {
    this.#text = text;
    this.#speech = speech;
    this.#placesOf = placesOf;
  }

  /** `text`: octets as latin1 characters. */
  line(text: string): string {
    const injection = INJECTION.exec(text);
    if (injection) {
      const [, lead = '', sent, peer = '', between = '', words = ''] = injection;
      return lead + this.#text.prose(peer) + between + this.#quoted(words, sent === undefined);
    }
    const domain = DOMAIN.exec(text);
    if (domain) return `${domain[1]}${this.#quoted(domain[3] ?? '', domain[2] !== undefined)}`;
    const places = this.#placesOf(text);
    return this.#text.prose(text, [...(places?.numbers ?? []), ...numbersOfLog(text)], places?.names);
  }

  /** Of a debug log's words only commands and replies are understood: what else was said may be a message. */
  #quoted(words: string, fromClient: boolean): string {
    const [, open = '', said = '', close = ''] = /^(['"]?)(.*?)(['"]?)$/s.exec(words) ?? [];
    const lines = said.split(LINE_END).map((part, index) => {
      if (index % 2 === 1) return part;
      return (fromClient ? this.#speech.command(part) : this.#speech.reply(part)) ?? part.replace(/[^\\\s]/g, 'x');
    });
    return open + lines.join('') + close;
  }
}
