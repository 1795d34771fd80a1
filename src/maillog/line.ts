import type { LineRef } from '../model/evidence.ts';
import type { LogLine } from '../model/maillog.ts';
import { SECOND_US, type WallUs } from '../model/units.ts';

/** One understood line, kept small: millions of them are held at a time. */
export class Line implements LogLine {
  readonly #input: number;
  readonly #number: number;
  readonly seconds: number;
  readonly text: string;

  constructor(input: number, number: number, seconds: number, text: string) {
    this.#input = input;
    this.#number = number;
    this.seconds = seconds;
    this.text = text;
  }

  get ref(): LineRef {
    return { input: this.#input, line: this.#number };
  }

  get atUs(): WallUs {
    return this.seconds * SECOND_US;
  }

  toJSON(): LogLine {
    return { ref: this.ref, atUs: this.atUs, text: this.text };
  }
}
