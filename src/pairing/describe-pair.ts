import type { Pair, PairingConfidence } from '../model/pairing.ts';
import type { Candidate } from './candidates.ts';

const ORDER = 'order of accepting';
/** Margin at which content and address leave no rival worth naming. */
const CLEAR_MARGIN = 6;
/** Points from content that make it an identity together with address and time: sender, recipient and something more. */
const FULL_CONTENT = 8;

/** Says how sure a settled pair is, and on what it rests. `isAlone`: the clocks were joined by this pair only, so that its times agree whatever they are. */
export function describePair(candidate: Candidate, margin: number, outOrdered: readonly Candidate[], isAlone: boolean): Pair {
  const basis = basisOf(candidate);
  if (outOrdered.length === 0) return sharedPair(confidenceOf(candidate, margin, isAlone), basis);
  return {
    confidence: 'moderate',
    basis: [...new Set([...basis, ORDER])],
    rivals: outOrdered.map((rival) => ({ ...idOf(rival), why: `fits as well by ${joined(basisOf(rival))}; only the order of accepting speaks against it` })),
  };
}

/** Says that a session's partner cannot be told, and who might be it. */
export function describeDoubt(rivals: readonly Candidate[]): Pair {
  const [first] = rivals;
  return {
    confidence: 'ambiguous',
    basis: first ? basisOf(first) : [],
    rivals: rivals.map((rival) => ({
      ...idOf(rival),
      why:
        rivals.length > 1 ? `fits about as well by ${joined(basisOf(rival))}` : `fits by ${joined(basisOf(rival))}, but another session like it may be meant`,
    })),
  };
}

/** Pairs without rivals: a few of them stand for nearly all sessions. */
const shared = new Map<string, Pair>();

function sharedPair(confidence: PairingConfidence, basis: readonly string[]): Pair {
  const key = `${confidence} ${basis.join()}`;
  let pair = shared.get(key);
  if (!pair) {
    pair = { confidence, basis, rivals: [] };
    shared.set(key, pair);
  }
  return pair;
}

function confidenceOf({ likeness, times, orderPoints }: Candidate, margin: number, isAlone: boolean): PairingConfidence {
  const { identity, addressAgrees, contentPoints } = likeness;
  const timesFit = times.compared === 0 || times.fitting * 2 >= times.compared;
  if (identity === 'mid' && timesFit) return 'certain';
  const clear = margin >= CLEAR_MARGIN;
  if (clear && timesFit && addressAgrees && !isAlone && (identity !== null || contentPoints >= FULL_CONTENT)) return 'certain';
  if (identity !== null) return 'strong';
  if (clear && timesFit && (contentPoints >= FULL_CONTENT || (addressAgrees && (contentPoints > 0 || times.fitting >= 2 || orderPoints > 0)))) return 'strong';
  return 'moderate';
}

function basisOf({ likeness, times, orderPoints }: Candidate): string[] {
  const basis = [...likeness.basis];
  if (times.fitting > 0) basis.push('time');
  if (orderPoints > 0) basis.push(ORDER);
  return basis;
}

function idOf({ logged }: Candidate): { icid: number | null; dcid: number | null } {
  return { icid: logged.kind === 'icid' ? logged.id : null, dcid: logged.kind === 'dcid' ? logged.id : null };
}

function joined(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? 'nothing in particular';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
