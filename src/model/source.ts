import type { AnomalyCounter } from './anomaly.ts';

/** One input as named by the user or found in a directory; detected by content, never by name. */
export interface Source {
  /** Index in the report's inputs. */
  readonly input: number;
  /** As the user would name it; `-` for standard input. */
  readonly path: string;
  /** `keys`: a TLS key log; no line of it is ever shown. */
  readonly kind: 'capture' | 'text' | 'keys' | 'unsupported' | 'empty';
  /** `pcap`, `pcapng`, `text`, `zip` …, with ` (gzip)` behind it where it is packed. */
  readonly format: string;
  /** Size on disk in octets; 0 for a pipe until it has been read. */
  readonly bytes: number;
  /** The point of the path where it was captured: `appliance` for a bare capture, the NAME of `--at NAME=FILE` otherwise; null for logs. */
  readonly vantage: string | null;
  /** Why it cannot be read and what helps, for `unsupported`. */
  readonly advice: string | null;
  readonly anomalies: AnomalyCounter;
  /** True for a pipe: `open` gives its octets once. */
  readonly once?: true;
  /** Of a capture from several vantage points: only packets of the interfaces with this name belong to this source. */
  readonly onlyInterface?: string;
  /** Only some lines of the file are in it: their numbers from 1, and how many the file has. */
  readonly excerpt?: { readonly numbers: Uint32Array; readonly lines: number };
  /**
   * Fills `into` with the octets at `position`, at once, as often as wanted; gives their count, fewer where the file is no longer what it
   * was. Only of files that are stored as they are read: neither packed nor piped.
   */
  readonly reread?: (into: Uint8Array, position: number) => number;
  /** Opens it again from the start (a pipe can be opened once), unpacked. */
  open(): SourceReader;
}

/** Reads forward. A chunk that is shorter than asked for is no end of file; only 0 is. */
export interface SourceReader {
  /** Fills `into` from `offset` with up to `length` octets; resolves to the count, 0 at the end. Never rejects for cut gzip (an anomaly instead). */
  read(into: Uint8Array, offset: number, length: number): Promise<number>;
  close(): Promise<void>;
}
