import picocolors from 'picocolors';

export type ColourMode = 'auto' | 'always' | 'never';

/** Colours by meaning, so that nobody has to know which colour a thing has. Each is a plain function of already escaped text. */
export interface Palette {
  readonly heading: (text: string) => string;
  /** Interrupted: mail may be lost or come twice. */
  readonly bad: (text: string) => string;
  /** Interrupted, without harm known. */
  readonly notable: (text: string) => string;
  readonly good: (text: string) => string;
  readonly faint: (text: string) => string;
}

/**
 * Whether to colour. `always` and `never` stand above everything; then a NO_COLOR that is not empty (no-color.org), then FORCE_COLOR
 * (`0` and `false` mean none), then whether the output is a terminal that is not `dumb`.
 */
export function wantsColour(mode: ColourMode, env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if (mode !== 'auto') return mode === 'always';
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}

/** The palette; with `coloured` false every function returns its text. */
export function paletteFor(coloured: boolean): Palette {
  const colours = picocolors.createColors(coloured);
  return { heading: colours.bold, bad: colours.red, notable: colours.yellow, good: colours.green, faint: colours.dim };
}
