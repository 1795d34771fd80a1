import type { Confidence } from '../model/report.ts';
import { Facts } from './facts.ts';
import { revise, type Finding, type Rival } from './finding.ts';
import { MECHANISMS } from './hypotheses.ts';
import { higher, lower, type Observation } from './observation.ts';
import { weightOf } from './weights.ts';

/** A rule's conclusion with every fact that it expects: its own, and those of what it would have led to. */
export interface Hypothesis {
  readonly finding: Finding;
  readonly expects: Facts;
}

/** Confidence by the odds (log10) against the best rival, as the contract grades them: 1000:1, 30:1, 3:1. `proven` is never a matter of a sum. */
const GRADES: readonly { readonly log10: number; readonly confidence: Confidence }[] = [
  { log10: 3, confidence: 'strong' },
  { log10: Math.log10(30), confidence: 'moderate' },
  { log10: Math.log10(3), confidence: 'limited' },
];

export function confidenceOf(log10: number): Confidence {
  return GRADES.find((grade) => log10 >= grade.log10)?.confidence ?? 'undetermined';
}

/** Sum over the dependency groups of each group's strongest fact: the TTL and the number of hops are one fact, not two. */
export function weigh(facts: readonly Observation[]): number {
  const [only] = facts;
  if (only === undefined) return 0;
  if (facts.length === 1) return Math.max(0, weightOf(only).log10);
  const best = new Map<string, number>();
  for (const fact of facts) {
    const { group, log10 } = weightOf(fact);
    best.set(group, Math.max(best.get(group) ?? 0, log10));
  }
  let sum = 0;
  for (const log10 of best.values()) sum += log10;
  return sum;
}

/** What each conclusion expects, with the first rule's conclusions first where they stand alike. */
export function hypothesesOf(findings: readonly Finding[]): Hypothesis[] {
  const ranked = findings.toSorted((a, b) => rankOf(a) - rankOf(b));
  return ranked.map((finding, i) => ({ finding, expects: factsOf([finding, ...ranked.slice(i + 1).filter((one) => rankOf(one) > rankOf(finding))]) }));
}

/** Odds (log10) of one hypothesis against another: facts that both expect cancel out. Null: against nothing at all. */
export function oddsOf(one: Hypothesis, rival: Hypothesis | null): number {
  const own = weigh(rival ? withoutThose(one, rival) : one.expects.list) - weigh(one.finding.against);
  const other = rival ? weigh(withoutThose(rival, one)) - weigh(rival.finding.against) : 0;
  return own - other;
}

/** What `one` expects and `other` does not. */
function withoutThose(one: Hypothesis, other: Hypothesis): Observation[] {
  return one.expects.list.filter((fact) => !other.expects.has(fact));
}

/**
 * The hypothesis that stands highest and is not outweighed by one below it. `null` where no rule concluded anything.
 */
export function bestOf(hypotheses: readonly Hypothesis[]): Hypothesis | null {
  return hypotheses.find((one, i) => hypotheses.slice(i + 1).every((rival) => oddsOf(one, rival) >= 0)) ?? hypotheses[0] ?? null;
}

/** The best conclusion, as sure as the sum of its facts leaves it against every rival, and at most as sure as its rule allows. */
export function weighed(findings: readonly Finding[]): Finding | null {
  const hypotheses = hypothesesOf(findings);
  const best = bestOf(hypotheses);
  if (!best) return null;
  const { finding } = best;
  const others = hypotheses.filter((one) => one !== best);
  const rivals: Rival[] = others.map((one) => {
    const { cause, actor, mechanism } = one.finding;
    return { cause, actor, mechanism, log10Odds: oddsOf(best, one) };
  });
  // That a session had not ended, or that its end is not there, is no guess among causes.
  const isOpen = MECHANISMS[finding.mechanism].rank === MECHANISMS.unseen.rank;
  const seen = withAllies(best, others);
  if (isOpen || seen.support.some((fact) => weightOf(fact).proof)) return revise(seen, { rivals: [...finding.rivals, ...rivals] });
  const alone = oddsOf(best, null);
  const least = (differs: (rival: Rival) => boolean) => Math.min(alone, ...rivals.filter(differs).map((rival) => rival.log10Odds));
  return revise(seen, {
    causeConfidence: lower(finding.causeConfidence, confidenceOf(least((one) => one.cause !== finding.cause))),
    actorConfidence: lower(finding.actorConfidence, confidenceOf(least((one) => one.actor !== finding.actor))),
    rivals: [...finding.rivals, ...rivals],
  });
}

/** What another vantage shows is also seen in the packets here: readings that name the same cause and the same actor tell of one thing. */
function withAllies({ finding, expects }: Hypothesis, others: readonly Hypothesis[]): Finding {
  // What stands alone expects nothing but its own facts.
  if (others.length === 0) return revise(finding, { support: expects.list });
  const allies = others.filter((one) => one.finding.cause === finding.cause && one.finding.actor === finding.actor && rankOf(one.finding) > rankOf(finding));
  return revise(finding, {
    support: factsOf([finding, ...allies.map((one) => one.finding)]).list,
    causeConfidence: allies.reduce((best, one) => higher(best, one.finding.causeConfidence), finding.causeConfidence),
    actorConfidence: allies.reduce((best, one) => higher(best, one.finding.actorConfidence), finding.actorConfidence),
  });
}

function rankOf({ mechanism }: Finding): number {
  return MECHANISMS[mechanism].rank;
}

/** What the findings rest on. */
function factsOf(findings: readonly Finding[]): Facts {
  return new Facts(findings.map(({ support }) => support));
}
