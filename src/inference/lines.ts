import { exactly, joined, type Lengths, longer, oneOf, within } from './lengths.ts';
import type { Known, KnownMessage } from './known.ts';
import type { Owed } from './state.ts';
import { NOTICES, SERVERS, type ServerTexts } from './texts.ts';

/** Octets of an address, where nothing tells it: most are between fifteen and forty (the envelopes of public sample logs). */
const ADDRESS = within([5, 14, 0.1], [15, 24, 0.42], [25, 36, 0.33], [37, 70, 0.13], [71, 180, 0.02]);
const HOST = within([4, 11, 0.15], [12, 24, 0.55], [25, 40, 0.25], [41, 80, 0.05]);
const LINE_END = 2;
/** Share of a server's answers in its usual wording, where it is known which server it is. */
const USUAL = 0.9;
/** The appliance's wording cannot be changed but for the greeting and refusals. */
const USUAL_OF_APPLIANCE = 0.98;

type Asked = 'mail' | 'rcpt' | 'data' | 'end' | 'quit' | 'rset' | 'noop' | 'auth';

/** Lengths of lines in one session, worked out when they are first asked for. */
export class Lines {
  readonly #known: Known;
  readonly #host: string | null;
  readonly #kept = new Map<string, Lengths>();

  constructor(known: Known) {
    this.#known = known;
    this.#host = hostOf(known.greeting);
  }

  /** `EHLO name`, as long as HELO and LHLO. */
  get hello(): Lengths {
    return this.#keep('hello', () => {
      const { clientName } = this.#known;
      const other = within([8, 20, 0.3], [21, 40, 0.55], [41, 80, 0.15]);
      return clientName === null ? other : oneOf([0.93, exactly(5 + clientName.length + LINE_END)], [0.07, other]);
    });
  }

  /** The same capabilities as in clear, but for STARTTLS, and with AUTH here and there. */
  get helloReply(): Lengths {
    return this.#keep('helloReply', () => {
      const other = within([20, 60, 0.15], [61, 200, 0.55], [201, 500, 0.3]);
      const clear = this.#known.clearHelloOctets;
      if (clear === null) return other;
      const offer = '250-STARTTLS\r\n'.length;
      return oneOf(
        [0.62, exactly(clear - offer)],
        [0.06, exactly(clear)],
        [0.2, within([clear - offer + 1, clear + 60, 1])],
        [0.04, within([Math.max(12, clear - 60), clear, 1])],
        [0.08, other],
      );
    });
  }

  get greeting(): Lengths {
    return within([12, 40, 0.4], [41, 90, 0.5], [91, 300, 0.1]);
  }

  mail(at: number): Lengths {
    const message = this.#message(at);
    return this.#keep(`mail ${message?.sender ?? '?'} ${message?.octets ?? ''}`, () => {
      const path = message?.sender ?? null;
      const bare =
        path === null ? longer(oneOf([0.06, exactly(0)], [0.94, ADDRESS]), 'MAIL FROM:<>\r\n'.length) : exactly(path.length + 'MAIL FROM:<>\r\n'.length);
      return joined(bare, mailParameters(message?.octets ?? null));
    });
  }

  /** RCPT to a recipient that the log names, or to any. */
  rcpt(address: string | null): Lengths {
    return this.#keep(`rcpt ${address}`, () => {
      const bare = address === null ? longer(ADDRESS, 'RCPT TO:<>\r\n'.length) : exactly(address.length + 'RCPT TO:<>\r\n'.length);
      return joined(bare, RCPT_PARAMETERS);
    });
  }

  /** A positive answer. */
  reply(server: number, asked: Asked, at: number, address: string | null, path: Owed['path']): Lengths {
    const own = asked === 'end' ? (this.#message(at)?.mid ?? '') : '';
    return this.#keep(`reply ${server} ${asked} ${own} ${address ?? path?.[1]}`, () => {
      const texts = SERVERS[server]?.[asked] ?? [];
      const usual = oneOf(
        ...texts.map((text, i) => [i === 0 ? (texts.length > 1 ? 0.85 : 1) : 0.15 / (texts.length - 1), this.#fill(text, at, address, path)] as const),
      );
      const told = asked === 'end' ? this.#response(at) : null;
      const common = server === 0 ? USUAL_OF_APPLIANCE : USUAL;
      return oneOf(
        ...(told === null ? [] : [[0.9, exactly(told.length + LINE_END)] as const]),
        [told === null ? common : 0.08, usual],
        [told === null ? 1 - common : 0.02, OTHER_WORDING],
      );
    });
  }

  get refusal(): Lengths {
    return REFUSAL;
  }

  get notice(): Lengths {
    return this.#keep('notice', () => oneOf(...NOTICES.map(({ text, share }) => [share, this.#fill(text, 0, null, null)] as const)));
  }

  /** The text of a usual answer of this length; null where none has it. */
  wordsOf(server: number, asked: Asked, at: number, address: string | null, octets: readonly [number, number]): string | null {
    const told = asked === 'end' ? this.#response(at) : null;
    const texts = [...(told === null ? [] : [told]), ...(SERVERS[server]?.[asked] ?? [])];
    return texts.map((text) => this.#name(text, at, address)).find((text) => !/\{/.test(text) && fits(text.length + LINE_END, octets)) ?? null;
  }

  noticeOf(octets: readonly [number, number]): string | null {
    return NOTICES.map(({ text }) => this.#name(text, 0, null)).find((text) => !/\{/.test(text) && fits(text.length + LINE_END, octets)) ?? null;
  }

  #message(at: number): KnownMessage | null {
    return this.#known.messages?.[at] ?? null;
  }

  /** The log repeats the receiver's answer to a delivery. */
  #response(at: number): string | null {
    const response = this.#message(at)?.response ?? null;
    if (response === null) return null;
    return /^\d{3}[ -]/.test(response) ? response : `250 ${response}`;
  }

  #name(text: string, at: number, address: string | null): string {
    const { mid } = this.#message(at) ?? { mid: null };
    return text
      .replace('{host}', this.#host ?? '{host}')
      .replace('{mid}', mid === null ? '{mid}' : String(mid))
      .replace('{address}', address ?? '{address}');
  }

  /** Lengths of a text with its line end, its names filled in as far as they are known. */
  #fill(text: string, at: number, address: string | null, path: Owed['path']): Lengths {
    let lengths = exactly(LINE_END);
    for (const part of this.#name(text, at, address).split(/(\{[^}]*\})/)) {
      if (part.startsWith('{')) lengths = joined(lengths, part === '{address}' && path ? addressWithin(path) : unknownPart(part));
      else if (part.length > 0) lengths = longer(lengths, part.length);
    }
    return lengths;
  }

  #keep(name: string, make: () => Lengths): Lengths {
    const kept = this.#kept.get(name) ?? make();
    this.#kept.set(name, kept);
    return kept;
  }
}

/** The address of a line of this length: behind it parameters may follow, and sometimes do. */
function addressWithin([least, most]: readonly [number, number]): Lengths {
  return within([least, most, 0.7], [Math.max(0, least - 30), Math.max(0, most - 8), 0.3]);
}

function unknownPart(part: string): Lengths {
  if (part === '{address}') return ADDRESS;
  if (part === '{host}') return HOST;
  if (part === '{mid}') return MID;
  const [least, most] = part.slice(1, -1).split('-').map(Number);
  return within([least ?? 0, most ?? 0, 1]);
}

/** MIDs grow for years; ten digits are the most. */
const MID: Lengths = {
  atoms: [
    [3, 0.02],
    [4, 0.06],
    [5, 0.1],
    [6, 0.18],
    [7, 0.24],
    [8, 0.22],
    [9, 0.12],
    [10, 0.06],
  ],
  spans: [],
};

const OTHER_WORDING = within([6, 25, 0.45], [26, 60, 0.4], [61, 140, 0.15]);
const REFUSAL = within([15, 40, 0.3], [41, 80, 0.45], [81, 160, 0.2], [161, 400, 0.05]);

/** ` SIZE=`, ` BODY=` and what else comes behind the path (RFC 1870, RFC 6152, RFC 6531, RFC 3461, RFC 4954). */
function mailParameters(octets: number | null): Lengths {
  const digits = octets === null ? null : String(octets).length;
  const size = digits === null ? SIZES : oneOf([0.9, exactly(' SIZE='.length + digits)], [0.1, exactly(' SIZE='.length + digits + 1)]);
  const body = oneOf([0.85, exactly(' BODY=8BITMIME'.length)], [0.15, exactly(' BODY=7BIT'.length)]);
  return oneOf([0.45, exactly(0)], [0.25, size], [0.15, joined(size, body)], [0.07, body], [0.02, exactly(1)], [0.06, within([6, 60, 1])]);
}

const SIZES: Lengths = {
  atoms: [
    [9, 0.15],
    [10, 0.35],
    [11, 0.3],
    [12, 0.12],
    [13, 0.06],
    [14, 0.02],
  ],
  spans: [],
};

/** NOTIFY and ORCPT (RFC 3461). */
const RCPT_PARAMETERS = oneOf([0.93, exactly(0)], [0.02, exactly(1)], [0.01, exactly(' NOTIFY=NEVER'.length)], [0.04, within([15, 90, 1])]);

function fits(length: number, [least, most]: readonly [number, number]): boolean {
  return length >= least && length <= most;
}

/** The name at the head of a greeting (RFC 5321, 4.2). */
function hostOf(greeting: string | null): string | null {
  const [name] = (greeting ?? '').trim().split(/\s+/);
  return name !== undefined && /^[\w.-]{2,}$/.test(name) ? name : null;
}

/** How likely each kind of server is, by its greeting; in the order of `SERVERS`. */
export function serverShares(known: Known): readonly number[] {
  const told = known.greeting === null ? -1 : SERVERS.findIndex(({ greets }) => greets?.test(known.greeting ?? ''));
  return SERVERS.map((server: ServerTexts, i) => {
    if (known.isAppliance) return i === 0 ? 0.95 : server.share * 0.05;
    if (told >= 0) return i === told ? 0.95 : server.share * 0.05;
    return server.share;
  });
}
