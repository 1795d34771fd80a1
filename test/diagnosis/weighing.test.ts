import { assert, property, shuffledSubarray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/diagnosis/finding.ts';
import { MECHANISMS, usualMechanism } from '../../src/diagnosis/hypotheses.ts';
import { saw, type Observation } from '../../src/diagnosis/observation.ts';
import { bestOf, confidenceOf, hypothesesOf, oddsOf, weigh, weighed } from '../../src/diagnosis/scoring.ts';
import { WEIGHTS, weightOf } from '../../src/diagnosis/weights.ts';
import { TCP_RST } from '../../src/model/packet.ts';
import type { Actor, Cause } from '../../src/model/report.ts';
import { envelope, trial } from '../support/trial.ts';

function finding(cause: Cause, actor: Actor, support: readonly Observation[], against: readonly Observation[] = []): Finding {
  return {
    cause,
    causeConfidence: 'proven',
    actor,
    actorConfidence: 'proven',
    mechanism: usualMechanism(cause, actor),
    stage: 'rcpt',
    silentSide: null,
    rung: null,
    support,
    against,
    alternatives: [],
    rivals: [],
    decidedUs: null,
    packet: null,
    line: null,
  };
}

const packet = (number: number) => [{ input: 0, number }];
const fin = saw('fin-first', { by: 'client', stage: 'rcpt', withData: false, seq: 77 }, packet(9));
const wait = saw('wait-before-end', { by: 'client', owedBy: 'appliance', what: 'reply', seconds: 300, rhythmSeconds: 1 }, packet(9));
const timer = saw('wait-fits-timer', { by: 'client', seconds: 300, timer: 'Postfix', reading: 'since the last word' }, packet(9));
const hole = saw('hole-never-filled', { by: 'client', octets: 900 }, packet(5));

describe('weighing hypotheses', () => {
  test('what would have led to the other expects its facts: they cancel out, and its own decide', () => {
    const [first, second] = hypothesesOf([finding('premature-fin', 'client', [fin]), finding('timeout', 'client', [wait, timer])]);
    expect(first?.finding.cause).toBe('timeout');
    expect(first && second && oddsOf(first, second)).toBeCloseTo(WEIGHTS['wait-before-end'].log10 + WEIGHTS['wait-fits-timer'].log10);
  });

  test('a loss stands above the timeout that it led to', () => {
    const verdict = weighed([finding('timeout', 'appliance', [wait, timer]), finding('silent-drop', 'undetermined', [hole])]);
    expect([verdict?.cause, verdict?.causeConfidence]).toEqual(['silent-drop', 'strong']);
    expect(verdict?.rivals.map(({ cause }) => cause)).toEqual(['timeout']);
  });

  test('a reading that is outweighed by its own contradictions gives way', () => {
    const contradicted = finding('timeout', 'client', [wait], [hole, fin]);
    const best = bestOf(hypothesesOf([contradicted, finding('premature-fin', 'client', [fin])]));
    expect(best?.finding.cause).toBe('premature-fin');
  });

  test('a wait without a timer is a limited guess, one that fits a timer is strong', () => {
    expect(weighed([finding('timeout', 'client', [wait]), finding('premature-fin', 'client', [fin])])?.causeConfidence).toBe('limited');
    expect(weighed([finding('timeout', 'client', [wait, timer]), finding('premature-fin', 'client', [fin])])?.causeConfidence).toBe('strong');
  });

  test('no sum is ever called proven; a proof keeps what its rule allows', () => {
    expect(confidenceOf(99)).toBe('strong');
    const proof = saw('alive-after-rst', { by: 'client', count: 3, seconds: 4, retransmissions: 2 }, packet(12));
    expect(weighed([finding('rst', 'middlebox', [proof])])?.actorConfidence).toBe('proven');
  });

  test('what two captures show and what one proves are told together, as sure as the surer of them', () => {
    const injected = saw('vantage-injected', { signal: 'RST', towards: 'appliance', named: 'client', where: 'client' }, packet(16));
    const alive = saw('alive-after-rst', { by: 'client', count: 3, seconds: 4, retransmissions: 2 }, packet(17));
    const two: Finding = { ...finding('rst', 'middlebox', [injected]), mechanism: 'injects', causeConfidence: 'strong', actorConfidence: 'strong' };
    const verdict = weighed([two, finding('rst', 'middlebox', [alive])]);
    expect(verdict).toMatchObject({ mechanism: 'injects', actorConfidence: 'proven' });
    expect(verdict?.support.map(({ kind }) => kind)).toEqual(['vantage-injected', 'alive-after-rst']);
    expect(weighed([two, finding('rst', 'client', [alive])])?.actorConfidence).toBe('strong');
  });

  test('signs of one group count once, in any order', () => {
    const facts = [
      fin,
      saw('rst-first', { by: 'client', stage: 'rcpt', exact: true, shape: 'active', seq: 77 }),
      wait,
      timer,
      hole,
      saw('phantom-octets', { by: 'client', octets: 9 }),
    ];
    assert(
      property(shuffledSubarray(facts), (some) => {
        const groups = new Map<string, number>();
        for (const fact of some) groups.set(weightOf(fact).group, Math.max(groups.get(weightOf(fact).group) ?? 0, weightOf(fact).log10));
        expect(weigh(some)).toBeCloseTo([...groups.values()].reduce((sum, value) => sum + value, 0));
        expect(weigh([...some, ...some])).toBeCloseTo(weigh(some));
      }),
    );
  });

  test('every mechanism that a cause implies by itself has a place in the order', () => {
    expect(MECHANISMS[usualMechanism('rst', 'middlebox')].rank).toBe(MECHANISMS[usualMechanism('rst', 'client')].rank);
    expect(MECHANISMS.loses.rank).toBeLessThan(MECHANISMS['gives-up'].rank);
    expect(MECHANISMS['gives-up'].rank).toBeLessThan(MECHANISMS.closes.rank);
  });

  test('the verdict names what it was weighed against', async () => {
    const { verdict } = await trial((wire) => envelope(wire).reset(0, { window: 512 }));
    expect(verdict.mechanism).toBe('aborts');
    expect(verdict.hypotheses.map(({ cause, actor }) => `${cause} by ${actor}`)).toContain('rst by middlebox');
  });
});

describe('captures from a mirror port', () => {
  test('a RST with the own address that has passed routers is not the own', async () => {
    const { verdict, evidence } = await trial((wire) => envelope(wire).reset(1, { window: 512, ttl: 61 }));
    expect([verdict.cause, verdict.actor]).toEqual(['rst', 'middlebox']);
    expect(evidence.map(({ kind }) => kind)).toContain('own-rst-travelled');
  });

  test('another starting value may still be the own host', async () => {
    expect((await trial((wire) => envelope(wire).reset(1, { window: 512, ttl: 255 }))).verdict.actor).toBe('appliance');
  });

  test('RSTs towards both ends at once', async () => {
    const { evidence } = await trial((wire) => envelope(wire).reset(0, { window: 512 }).reset(1, { window: 512, ttl: 61 }));
    expect(evidence.map(({ kind }) => kind)).toContain('rst-paired');
  });

  test('an end that answers octets for a connection it lost pairs nothing', async () => {
    const { evidence } = await trial((wire) => {
      envelope(wire).answers('421 bye').reset(1, { window: 512 });
      return wire.client(TCP_RST, { seq: wire.next[0], window: 0, ipId: 0 });
    });
    expect(evidence.map(({ kind }) => kind)).not.toContain('rst-paired');
  });
});
