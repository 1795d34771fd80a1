import { formatAddress } from '../model/address.ts';
import type { Moment } from '../model/evidence.ts';
import type { Line } from './line-reader.ts';

/** Signature of a PROXY protocol header, version 2 (HAProxy's specification, 2.2). It contains `QUIT` and a line feed. */
const SIGNATURE: readonly number[] = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const FIXED = 16;
/** Address block and options beyond this are counted, not kept. */
const KEPT = 256;

/** Whether a command is the text header of the PROXY protocol, which nobody answers. */
export function isProxyLine(command: { readonly verb: string; readonly argument: string }): boolean {
  return command.verb === 'PROXY' && /^(TCP4|TCP6|UNKNOWN)(\s|$)/.test(command.argument);
}

/** The client that a PROXY line of version 1 speaks for, as `ADDR=… PORT=…`; null for UNKNOWN or what cannot be read. */
export function addressOfProxyLine(argument: string): string | null {
  const [family = '', from = '', , port = ''] = argument.trim().split(/ +/);
  if (!/^TCP[46]$/i.test(family) || !/^[0-9a-fA-F.:]+$/.test(from)) return null;
  return /^\d+$/.test(port) ? `ADDR=${from} PORT=${port}` : `ADDR=${from}`;
}

/** Collects a binary PROXY header from the first octets of a stream. */
export class ProxyPreface {
  readonly #held: number[] = [];
  #length = 0;

  /** Octets taken so far: to be read as lines when `state` says `no`. */
  get held(): Uint8Array {
    return Uint8Array.from(this.#held);
  }

  /** Takes one octet. `more`: undecided or not complete; `no`: it is none; `done`: complete. */
  take(octet: number): 'more' | 'no' | 'done' {
    const at = this.#length++;
    if (at < FIXED + KEPT) this.#held.push(octet);
    if (at < SIGNATURE.length) return octet === SIGNATURE[at] ? 'more' : 'no';
    if (at < FIXED - 1) return 'more';
    const total = FIXED + (((this.#held[14] ?? 0) << 8) | (this.#held[15] ?? 0));
    return this.#length >= total ? 'done' : 'more';
  }

  /** The header as if it had been a line of version 1. */
  asLine(at: Moment): Line {
    const text = `PROXY ${this.#describe()}`;
    return { text, length: this.#length, at, completedBy: at.packet, complete: true, bareLineFeed: false, overlong: false, missing: 0 };
  }

  /** The header in words like those of version 1: `TCP4 192.0.2.1 198.51.100.2 1234 25`, or `UNKNOWN`. */
  #describe(): string {
    const held = this.held;
    const family = (held[13] ?? 0) >> 4;
    const size = family === 1 ? 4 : family === 2 ? 16 : 0;
    if (size === 0 || held.length < FIXED + 2 * size + 4) return 'UNKNOWN';
    const ports = FIXED + 2 * size;
    const version = size === 4 ? 4 : 6;
    const port = (at: number): number => ((held[at] ?? 0) << 8) | (held[at + 1] ?? 0);
    return `TCP${version} ${formatAddress(held, FIXED, version)} ${formatAddress(held, FIXED + size, version)} ${port(ports)} ${port(ports + 2)}`;
  }
}
