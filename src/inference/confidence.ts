import type { Confidence } from '../model/report.ts';

/** From which share of all readings a word is used; what each is worth is measured in docs/tls-inference.md. Nothing here is ever proof. */
const STEPS: readonly (readonly [share: number, confidence: Confidence])[] = [
  [0.99, 'strong'],
  [0.9, 'moderate'],
  [0.75, 'limited'],
];

/** Where records may be missing, nothing told from their order is more than limited. */
export function confidenceOf(share: number, lossy: boolean): Confidence {
  const found = STEPS.find(([least]) => share >= least)?.[1] ?? 'undetermined';
  return lossy && found !== 'undetermined' ? 'limited' : found;
}
