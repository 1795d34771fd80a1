import type { Rule } from '../finding.ts';
import { forgedWords } from './forged.ts';
import { hiddenWords } from './hidden.ts';
import { neverEstablished } from './connect.ts';
import { hiddenByTls } from './encrypted.ts';
import { notSeenToEnd } from './open.ts';
import { prematureFin, reset } from './signals.ts';
import { silentDrop } from './silent.ts';
import { timeout } from './timeout.ts';
import { tlsFailure } from './tls.ts';
import { twoVantages } from './vantage.ts';
import { clientQuit, completed, rejected } from './words.ts';

/**
 * The readings of a captured session, in the order in which they are tried: the first that applies is the verdict.
 * What other vantage points prove comes first; then the contract's order of causes. A loss that was in progress is asked for before
 * the timeout that it led to, because it made the end inevitable.
 */
export const RULES: readonly Rule[] = [
  twoVantages,
  neverEstablished,
  forgedWords,
  tlsFailure,
  silentDrop,
  hiddenWords,
  timeout,
  hiddenByTls,
  rejected,
  completed,
  clientQuit,
  reset,
  prematureFin,
  notSeenToEnd,
];
