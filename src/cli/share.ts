import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EVERYTHING } from '../model/settings.ts';
import type { Analysis } from '../model/analysis.ts';
import type { ReportSession } from '../model/report.ts';
import type { Takeout } from '../model/takeout.ts';
import { UserError } from '../model/user-error.ts';
import { counted, escapeText, nameSession, nameVerdict, renderJson, renderMarkdown } from '../render/index.ts';
import type { Disguise } from '../share/index.ts';
import { sessionsToTake } from './commands.ts';
import { refusePipes } from './extract.ts';
import type { Invocation } from './invocation.ts';
import type { Io } from './io.ts';
import { createOutputFile, writeOutputFile } from './output-files.ts';
import { OutputFailed } from './output.ts';
import { reportPage } from './report-page.ts';
import type { Takeaway } from './route.ts';
import { shareReadme } from './share-readme.ts';

const BUNDLE = 'bundle';
const CAPTURE = 'capture.pcapng';
/** Keys drawn until no pseudonym is one of the originals. */
const MOST_KEYS = 20;
/** Names of capture points that say nothing about the house. */
const OPEN_POINTS = new Set(['appliance', 'client', 'outside', 'inside', 'remote', 'server', 'sender', 'firewall']);

/** Writes a bundle without names; the pieces of standard output say what is in it. Nothing stays behind unless the verdicts are kept and no original is found in it. */
export async function shareBundle(analysis: Analysis, invocation: Invocation, io: Io): Promise<string[]> {
  const ids = sessionsToTake(analysis, invocation);
  if (ids.length === 0) return [];
  const takeout = withOpenPoints(analysis.takeOut(ids));
  refusePipes(takeout);
  const folder = (invocation.output.file ?? BUNDLE).replace(/[/\\]+$/, '');
  const keyFile = `${folder}-key.json`;
  if (existsSync(folder)) throw new UserError('usage', `${folder} exists already`, 'name another folder with -o, or remove it');
  const draft = `${folder}.part`;
  const route = await io.takeaway();
  const known = readKey(keyFile);
  try {
    const disguise = await writeDisguised(takeout, draft, known, route, analysis);
    const again = await judgeAgain(draft, analysis, takeout, invocation, disguise, io);
    const told = compareVerdicts(takeout, again);
    await writeReports(draft, again, invocation, shareReadme(told, disguise.made.replaced, again));
    refuseLeaks(draft, disguise.made);
    writeFileSync(keyFile, keyDocument(analysis, disguise), { mode: 0o600 });
    renameSync(draft, folder);
    return [
      `${escapeText(folder)}: ${readdirSync(folder).join(', ')}\n`,
      `${counted(told.length, 'verdict')} the same as before: ${told.slice(0, 5).join('; ')}${told.length > 5 ? ' …' : ''}\n`,
      `replaced: ${counted(disguise.made.replaced.addresses.size, 'address', 'addresses')}, ${counted(disguise.made.replaced.words.size, 'word')}, ${counted(disguise.made.replaced.hardware.size, 'hardware address', 'hardware addresses')}; none of them was found in the bundle\n`,
      `${escapeText(keyFile)}: the key and the list of what was replaced; it stays here, and gives the same names the next time\n`,
    ];
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (error instanceof Error && 'syscall' in error) throw new OutputFailed(error.message);
    throw error;
  }
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
    const made = new route.Disguise(key, route.logWords(), isCut);
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

/** The verdicts that were kept, in words. Throws where one was not. */
function compareVerdicts({ sessions }: Takeout, { report }: Analysis): string[] {
  const left = [...report.sessions];
  return sessions.map(({ report: before }) => {
    const at = left.findIndex((after) => essenceOf(after) === essenceOf(before));
    if (at >= 0) {
      left.splice(at, 1);
      return `${nameSession(before)} ${nameVerdict(before.verdict)}`;
    }
    const near = left.find((after) => after.icid === before.icid && after.dcid === before.dcid && after.clientPort === before.clientPort);
    const now = near ? `${nameVerdict(near.verdict)} at stage ${near.verdict.stage} (${near.verdict.confidence})` : 'missing';
    throw new UserError(
      'disagreement',
      `without names the verdict on ${nameSession(before)} would not be the same: ${nameVerdict(before.verdict)} at stage ${before.verdict.stage} (${before.verdict.confidence}) before, ${now} after`,
      'nothing was written; hand on whohungup extract instead, or leave that session out',
    );
  });
}

function essenceOf({ icid, dcid, clientPort, serverPort, impact, verdict }: ReportSession): string {
  return JSON.stringify([icid, dcid, clientPort, serverPort, impact, verdict.cause, verdict.actor, verdict.stage, verdict.confidence]);
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
  writeOutputFile(join(draft, 'incident.html'), await reportPage(bundled, all), createOutputFile);
  writeOutputFile(join(draft, 'README.txt'), [readme], createOutputFile);
}

function refuseLeaks(draft: string, made: Disguise): void {
  for (const name of readdirSync(draft)) {
    const leaks = made.leaks(readFileSync(join(draft, name)));
    if (leaks.length > 0) throw new UserError('disagreement', `${name} would still hold ${leaks.slice(0, 3).join(', ')}`, 'nothing was written');
  }
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

function readKey(path: string): Uint8Array | null {
  if (!existsSync(path)) return null;
  try {
    const { key } = JSON.parse(readFileSync(path, 'utf8')) as { readonly key?: unknown };
    const octets = typeof key === 'string' ? Buffer.from(key, 'base64') : Buffer.alloc(0);
    if (octets.length === 32) return octets;
  } catch {
    // Told below, as any other file that holds no key.
  }
  throw new UserError('usage', `${path} holds no key`, 'move it away, and a new key is drawn');
}

function keyDocument({ report }: Analysis, { key, made }: Disguised): string {
  const { addresses, hardware, words } = made.replaced;
  const lists = { addresses: Object.fromEntries(addresses), hardware: Object.fromEntries(hardware), words: Object.fromEntries(words) };
  return `${JSON.stringify({ tool: report.tool, key: Buffer.from(key).toString('base64'), replaced: lists }, null, 1)}\n`;
}
