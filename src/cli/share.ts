import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EVERYTHING } from '../model/settings.ts';
import type { Analysis } from '../model/analysis.ts';
import type { Takeout } from '../model/takeout.ts';
import { UserError } from '../model/user-error.ts';
import { counted, escapeText, renderJson, renderMarkdown } from '../render/index.ts';
import type { Disguise } from '../share/index.ts';
import { sessionsToTake } from './commands.ts';
import { refusePipes } from './extract.ts';
import { withFile } from './file-octets.ts';
import type { Invocation } from './invocation.ts';
import type { Io } from './io.ts';
import { createOutputFile, discard, draftOf, failureOf, writeOutputFile } from './output-files.ts';
import { reportPage } from './report-page.ts';
import type { Takeaway } from './route.ts';
import { keyDocument, readKey } from './share-key.ts';
import { countReplaced, shareReadme } from './share-readme.ts';
import { compareVerdicts } from './share-verdicts.ts';

const BUNDLE = 'bundle';
const CAPTURE = 'capture.pcapng';
/** Keys drawn until no pseudonym is one of the originals. */
const MOST_KEYS = 20;
/** Drafts that are written until all verdicts are kept and nothing is found. */
const MOST_TURNS = 5;
/** Names of capture points that say nothing about the house. */
const OPEN_POINTS = new Set(['appliance', 'client', 'outside', 'inside', 'remote', 'server', 'sender', 'firewall']);

/**
 * Writes a bundle without names; the pieces of standard output say what is in it. Sessions whose verdict would be another one are left out, unless one alone was
 * asked for. Nothing stays behind unless the verdicts are kept and no original is found in it.
 */
export async function shareBundle(analysis: Analysis, invocation: Invocation, io: Io): Promise<string[]> {
  const ids = sessionsToTake(analysis, invocation);
  if (ids.length === 0) return [];
  const takeout = withOpenPoints(analysis.takeOut(ids));
  refusePipes(takeout);
  const folder = refuseBundle(invocation.output.file);
  const keyFile = `${folder}-key.json`;
  const draft = draftOf(folder);
  const known = readKey(keyFile);
  try {
    const { made, key, kept, lost } = await draftBundle({ analysis, takeout, draft, known, invocation, io });
    writeFileSync(keyFile, keyDocument(analysis.report.tool, key, made.replaced), { mode: 0o600 });
    renameSync(draft, folder);
    return [
      `${escapeText(folder)}: ${readdirSync(folder).join(', ')}\n`,
      `${counted(kept.length, 'verdict')} the same as before: ${kept.slice(0, 5).join('; ')}${kept.length > 5 ? ' …' : ''}\n`,
      ...(lost.length > 0 ? [`${counted(lost.length, 'session')} left out, without names the verdict would be another one: ${lost.join('; ')}\n`] : []),
      `replaced: ${countReplaced(made.replaced)}; none of them was found in the bundle, encoded forms included\n`,
      `${escapeText(keyFile)}: the key and the list of what was replaced; it stays here, and gives the same names the next time\n`,
    ];
  } catch (error) {
    discard(draft);
    throw error instanceof Error && 'syscall' in error ? failureOf(folder, error) : error;
  }
}

/** The folder to make. Throws where there is one of that name. */
export function refuseBundle(named: string | null): string {
  const folder = (named ?? BUNDLE).replace(/[/\\]+$/, '');
  if (existsSync(folder)) throw new UserError('usage', `${folder} exists already`, 'name another folder with -o, or remove it');
  return folder;
}

interface Task {
  readonly analysis: Analysis;
  readonly takeout: Takeout;
  readonly draft: string;
  /** A key that was drawn before; null: any will do. */
  readonly known: Uint8Array | null;
  readonly invocation: Invocation;
  readonly io: Io;
}

interface Drafted extends Disguised {
  readonly kept: readonly string[];
  /** In words. */
  readonly lost: readonly string[];
}

/** Writes, judges and searches the draft until every verdict in it is the one that was reached before. */
async function draftBundle(task: Task): Promise<Drafted> {
  const { analysis, draft, known, invocation, io } = task;
  let { takeout } = task;
  const route = await io.takeaway();
  const lost: string[] = [];
  for (let turn = 0; ; turn++) {
    const disguise = await writeDisguised(takeout, draft, known, route, analysis);
    const again = await judgeAgain(draft, analysis, takeout, invocation, disguise, io);
    const verdicts = compareVerdicts(takeout.sessions, again.report.sessions);
    if (verdicts.lost.length > 0) {
      const others = takeout.sessions.filter((session) => !verdicts.lost.some((differing) => differing.session === session));
      if (others.length === 0 || turn >= MOST_TURNS) throw disagreement([...lost, ...verdicts.lost.map(({ words }) => words)]);
      lost.push(...verdicts.lost.map(({ words }) => words));
      takeout = { ...takeout, sessions: others };
      continue;
    }
    await writeReports(draft, again, invocation, shareReadme(verdicts.kept, lost, disguise.made.replaced, again));
    const leak = await firstLeak(draft, again, disguise.made, route);
    if (leak === null) return { ...disguise, kept: verdicts.kept, lost };
    // What a drawn pseudonym is like by chance, another is not.
    if (known || turn >= MOST_TURNS) throw new UserError('disagreement', leak, 'nothing was written');
  }
}

function disagreement(lost: readonly string[]): UserError {
  return new UserError(
    'disagreement',
    `without names the verdict would be another one: ${lost.slice(0, 3).join('; ')}${lost.length > 3 ? ' …' : ''}`,
    'nothing was written; hand on whohungup extract instead',
  );
}

interface Disguised {
  readonly key: Uint8Array;
  readonly made: Disguise;
}

async function writeDisguised(takeout: Takeout, draft: string, known: Uint8Array | null, route: Takeaway, { report }: Analysis): Promise<Disguised> {
  const isCut = takeout.vantages.some(({ context }) => context !== null && context.snapLength !== null);
  for (let turn = 0; ; turn++) {
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    const key = known ?? randomBytes(32);
    const made = new route.Disguise(key, route.logShapes(), isCut);
    // Known before any text is read, which may hold them in other forms.
    for (const { report: session } of takeout.sessions) for (const address of [session.clientIp, session.serverIp]) if (address !== null) made.address(address);
    if (takeout.sessions.some(({ connections }) => connections.size > 0)) {
      const file = createOutputFile(join(draft, CAPTURE));
      const points = takeout.vantages.filter(({ name }) => takeout.sessions.some(({ connections }) => connections.has(name))).map(({ name }) => name);
      await route.writeExtract(takeout, {
        application: `${report.tool.name} ${report.tool.version}`,
        comments: [
          'Names, addresses, bodies and credentials were replaced or cut at equal length; times, lengths and numbers are as captured.',
          route.vantageComment(points),
        ],
        commentsOf: () => [],
        overwritten: () => '',
        raw: false,
        disguise: made,
        write: (octets) => file.write(octets),
      });
      file.close();
    }
    for (const [index, { text }] of route.extractLogs(takeout).entries()) {
      writeOutputFile(join(draft, `mail${index === 0 ? '' : `-${index + 1}`}.log`), [made.log(text)], createOutputFile);
    }
    if (!made.clashes || known || turn >= MOST_KEYS) return { key, made };
  }
}

/** Reads the bundle as anybody would, with the facts that were known before. */
async function judgeAgain(draft: string, analysis: Analysis, takeout: Takeout, invocation: Invocation, { made }: Disguised, io: Io): Promise<Analysis> {
  const { site } = invocation.request;
  const { clock } = analysis.report;
  const inputs = readdirSync(draft).map((name) => ({ path: join(draft, name), vantage: null }));
  const ports = takeout.sessions.flatMap(({ report }) => (report.serverPort === null ? [] : report.serverPort));
  return await io.analyze({
    inputs,
    keys: null,
    selection: EVERYTHING,
    site: {
      ...site,
      applianceAddresses: endsAmong(takeout.applianceAddresses, takeout).map((address) => made.address(address)),
      balancers: site.balancers.map((block) => block.replace(/^[^/]+/, (address) => made.address(address))),
      ports: [...new Set([...site.ports, ...ports])],
      logTimeZone: clock?.timeZone?.replace(/^UTC(?=[+-])/, '') ?? site.logTimeZone,
      clockOffsetSeconds: clock?.logOffsetSeconds ?? site.clockOffsetSeconds,
    },
  });
}

function endsAmong(addresses: readonly string[], { sessions }: Takeout): string[] {
  return addresses.filter((address) => sessions.some(({ report: { clientIp, serverIp } }) => clientIp === address || serverIp === address));
}

async function writeReports(draft: string, again: Analysis, invocation: Invocation, readme: string): Promise<void> {
  const inputs = again.report.inputs.map((input) => ({ ...input, path: basename(input.path) }));
  const bundled = { ...again, report: { ...again.report, inputs } };
  const all = { ...invocation, output: { ...invocation.output, all: true } };
  writeOutputFile(
    join(draft, 'verdict.md'),
    renderMarkdown(bundled.report, (id) => again.transcripts(id), true),
    createOutputFile,
  );
  writeOutputFile(join(draft, 'verdict.json'), renderJson(bundled.report), createOutputFile);
  writeOutputFile(join(draft, 'incident.html'), await reportPage(bundled, all, true), createOutputFile);
  writeOutputFile(join(draft, 'README.txt'), [readme], createOutputFile);
}

/** Where an original still stands, in words. */
async function firstLeak(draft: string, { sources }: Analysis, made: Disguise, route: Takeaway): Promise<string | null> {
  const search = made.search();
  for (const name of readdirSync(draft)) {
    const [leak] = withFile(join(draft, name), (content) => (name === CAPTURE ? search.inCapture(content) : search.inText(content, !name.endsWith('.log'))));
    if (leak) return `${name} would still hold ${leak.what} (as ${leak.reading})`;
  }
  const [leak] = await route.searchFrames(sources, search);
  return leak ? `${CAPTURE} would still hold ${leak.what} (as ${leak.reading})` : null;
}

function withOpenPoints(takeout: Takeout): Takeout {
  const names = new Map(takeout.vantages.map(({ name }, index) => [name, OPEN_POINTS.has(name) ? name : `point-${index + 1}`]));
  const nameOf = (name: string): string => names.get(name) ?? name;
  return {
    ...takeout,
    vantages: takeout.vantages.map((vantage) => ({ ...vantage, name: nameOf(vantage.name) })),
    sessions: takeout.sessions.map((session) => ({
      ...session,
      connections: new Map([...session.connections].map(([name, connection]) => [nameOf(name), connection])),
    })),
  };
}
