import type { Rule } from '../finding.ts';
import { forgedWords } from './forged.ts';
import { unseenRefusal } from './half-heard.ts';
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
 * The readings of a captured session. All that apply are weighed against each other (`scoring.ts`); of those that stand alike the first
 * in this table wins, which follows the contract's order of causes. What other vantage points prove comes first.
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
  unseenRefusal,
  completed,
  clientQuit,
  reset,
  prematureFin,
  notSeenToEnd,
];
