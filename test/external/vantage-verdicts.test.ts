import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import type { Actor } from '../../src/model/report.ts';
import { SITE } from '../support/pairing-world.ts';
import { EVERYTHING } from '../../src/model/settings.ts';

/** Recordings of single mechanisms at up to three points; they stand beside the checkout where they are available, and this suite is skipped where not. */
const root = fileURLToPath(new URL('../../../shared/cases/vantage', import.meta.url));
const present = existsSync(join(root, 'labels.json'));

interface Label {
  readonly cap: string;
  readonly actor: string;
}

const labels: Label[] = present ? (JSON.parse(readFileSync(join(root, 'labels.json'), 'utf8')) as Label[]) : [];

/** Who may be named: the party that did it; a box's work may also be left open, and what a path does has nobody. */
function mayName(actor: string): readonly Actor[] {
  if (actor.startsWith('appliance')) return ['appliance'];
  if (actor.startsWith('client')) return ['client', 'undetermined'];
  // Lost state that healed, or that only the timeout met: the end that closed at last is the literal reading.
  return actor.startsWith('path') || /root|already dead/.test(actor) ? ['client', 'appliance', 'undetermined'] : ['middlebox', 'undetermined'];
}

async function named(...inputs: readonly { readonly path: string; readonly vantage: string | null }[]): Promise<Actor> {
  const { report } = await analyze({ inputs, site: SITE, selection: EVERYTHING });
  const [first] = [...report.sessions].filter(({ streams }) => streams.length > 0).sort((a, b) => (a.opened ?? '').localeCompare(b.opened ?? ''));
  return first?.verdict.actor ?? 'undetermined';
}

describe.skipIf(!present)('a second capture never makes a verdict worse', () => {
  test.each(labels.map(({ cap, actor }) => [cap, actor]))('%s: %s', async (cap, actor) => {
    const at = (point: string, vantage: string | null) => ({ path: join(root, `${cap}.${point}.pcap`), vantage });
    const may = mayName(actor);
    const alone = await named(at('esa', null));
    for (const [point, name] of [
      ['cli', 'client'],
      ['fwout', 'outside'],
    ] as const) {
      if (!existsSync(at(point, name).path)) continue;
      const both = await named(at('esa', null), at(point, name));
      // Where one capture names nobody wrongly, two must not.
      if (may.includes(alone)) expect(may).toContain(both);
    }
  });
});
