import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { CONFIDENCES, type ReportSession } from '../../src/model/report.ts';
import { EVERYTHING, type Site } from '../../src/model/settings.ts';

/** Labelled incidents recorded with real TCP stacks; they stand beside the checkout where they are available, and this suite is skipped where not. */
const root = fileURLToPath(new URL('../../../shared/cases', import.meta.url));
const present = existsSync(root);

interface Reading {
  readonly cause?: string;
  readonly actor?: string;
  readonly stage?: string;
  readonly confidence_ge?: number;
}

interface TruthSession extends Reading {
  readonly icid: number | null;
  readonly dcid: number | null;
  readonly client_ip: string;
  readonly client_port: number;
  readonly accept?: readonly Reading[];
  readonly accept_stage?: readonly string[];
  readonly must_not?: readonly Reading[];
}

interface Truth {
  readonly id: string;
  readonly vantage: Readonly<Record<string, readonly string[]>>;
  readonly logs: Readonly<Record<string, readonly string[]>>;
  readonly settings: {
    readonly inbound_timeout_s?: number;
    readonly total_time_limit_s?: number;
    readonly log_timezone?: string;
    readonly appliance_ips?: readonly string[];
  };
  readonly sessions: readonly TruthSession[];
}

/** How a scale from 0 to 1 reads the five words. */
const NUMBERS = [0.1, 0.4, 0.7, 0.95, 1];

function fits(reading: Reading, session: ReportSession): boolean {
  const { cause, actor, stage } = session.verdict;
  return (reading.cause ?? cause) === cause && (reading.actor ?? actor) === actor && (reading.stage ?? stage) === stage;
}

const cases: Truth[] = present
  ? readdirSync(root)
      .filter((name) => existsSync(join(root, name, 'truth.json')))
      .map((name) => JSON.parse(readFileSync(join(root, name, 'truth.json'), 'utf8')) as Truth)
  : [];

describe.skipIf(!present)('labelled incidents', () => {
  test.each([
    ['with the settings of the site', true],
    ['without any settings', false],
  ])('%s', async (_, told) => {
    const wrong: string[] = [];
    const forbidden: string[] = [];
    for (const truth of cases) {
      const report = await judgeCase(truth, told);
      for (const expected of truth.sessions) {
        const session = find(report, expected);
        if (!session) {
          wrong.push(`${truth.id}: missing`);
          continue;
        }
        const { cause, actor, stage } = expected;
        const accepted = [{ cause, actor }, ...(expected.accept ?? [])] as Reading[];
        if (!accepted.some(({ cause: c, actor: a }) => fits({ ...(c === undefined ? {} : { cause: c }), ...(a === undefined ? {} : { actor: a }) }, session)))
          wrong.push(`${truth.id}: ${JSON.stringify(session.verdict)}`);
        const stages = [
          stage,
          ...(expected.accept_stage ?? []),
          ...accepted.filter((reading) => fits({ ...reading }, session)).map((reading) => reading.stage),
        ];
        if (!stages.includes(session.verdict.stage)) wrong.push(`${truth.id}: stage ${session.verdict.stage}`);
        const sure = NUMBERS[CONFIDENCES.indexOf(session.verdict.confidence)] ?? 1;
        for (const ban of expected.must_not ?? [])
          if (fits(ban, session) && sure >= (ban.confidence_ge ?? 0)) forbidden.push(`${truth.id}: ${JSON.stringify(ban)}`);
      }
    }
    expect(forbidden).toEqual([]);
    expect(wrong).toEqual([]);
  });
});

async function judgeCase(truth: Truth, told: boolean): Promise<readonly ReportSession[]> {
  const folder = join(root, truth.id);
  const captures = Object.entries(truth.vantage).flatMap(([point, files]) =>
    files.map((file) => ({ path: join(folder, file), vantage: point === 'esa' ? null : point })),
  );
  const logs = Object.values(truth.logs).flatMap((files) => files.map((file) => ({ path: join(folder, file), vantage: null })));
  const { settings } = truth;
  const site: Site = {
    applianceAddresses: told ? (settings.appliance_ips ?? []) : [],
    balancers: [],
    ports: [],
    logTimeZone: told ? (settings.log_timezone ?? null) : null,
    clockOffsetSeconds: null,
    inboundTimeoutSeconds: told ? (settings.inbound_timeout_s ?? 300) : 300,
    inboundTimeoutGiven: told,
    totalTimeLimitSeconds: 900,
  };
  const { report } = await analyze({ inputs: [...captures, ...logs], site, selection: EVERYTHING });
  return [...report.sessions];
}

function find(sessions: readonly ReportSession[], { icid, dcid, client_ip: ip, client_port: port }: TruthSession): ReportSession | undefined {
  const named = sessions.find((session) => (icid !== null && session.icid === icid) || (dcid !== null && session.dcid === dcid));
  return named ?? sessions.find((session) => session.clientIp === ip && session.clientPort === port);
}
