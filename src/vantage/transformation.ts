import type { FieldChange, Sender, SenderChange, Transformation } from '../model/comparison.ts';
import type { CapturedSession } from '../model/pairing.ts';
import type { SynOptions } from '../model/tcp.ts';
import type { Leg } from './leg.ts';
import { wireShift } from './numbering.ts';
import { sideOf, usualTtl } from './path.ts';
import { synOf } from './proxy.ts';
import { type Traits, keepsIpIds, keepsTimestamps } from './traits.ts';
import type { EndNames } from './words.ts';

/** What the path does to every packet, as the matched packets tell; null where one point holds nothing. */
export function describeTransformation(leg: Leg, names: EndNames): Transformation | null {
  const [left, right] = [leg.left.point.captured, leg.right.point.captured];
  if (!left || !right || !leg.numberings || !leg.traits) return null;
  const client = changeOf(leg, left, right, 'client');
  const server = changeOf(leg, left, right, 'server');
  const ends = { left: endsOf(left), right: endsOf(right) };
  const facts = [
    ...describeAddresses(ends, names),
    ...(leg.mode === 'proxy'
      ? leg.proxyReasons.map((reason) => `two connections, not one: ${reason}`)
      : [...describeSender(names.client, client), ...describeSender(names.server, server)]),
  ];
  return { ...ends, client, server, facts };
}

function endsOf(session: CapturedSession): Transformation['left'] {
  const { originator, responder } = session.connection;
  const name = (sender: Sender) => {
    const end = sideOf(session, sender) === 0 ? originator : responder;
    return `${end.ip.includes(':') ? `[${end.ip}]` : end.ip}:${end.port}`;
  };
  return { client: name('client'), server: name('server') };
}

function changeOf(leg: Leg, left: CapturedSession, right: CapturedSession, sender: Sender): SenderChange {
  const [here, there] = [usualTtl(left, sender), usualTtl(right, sender)];
  const traits = leg.traits?.[sender];
  const numbering = leg.numberings?.[sender];
  const alignment = leg.alignments[sender];
  return {
    ttlDifference: here === null || there === null ? null : here - there,
    sequenceShift: numbering && leg.mode === 'same-packets' ? wireShift(left, right, sender, numbering) : null,
    ipIds: traits ? ipIdsOf(traits) : 'unknown',
    timestamps: traits ? timestampsOf(traits) : 'unknown',
    windows: traits && traits.windows.samples > 0 ? (traits.windows.share >= 0.9 ? 'kept' : 'rewritten') : 'unknown',
    options: compareOptions(synOf(left, sender), synOf(right, sender)),
    segmentation: alignment.matches.some((match) => match.left.length > 1 || match.right.length > 1) ? 'changed' : 'kept',
  };
}

function ipIdsOf(traits: Traits): FieldChange {
  if (traits.ipIds.samples === 0) return 'unknown';
  return keepsIpIds(traits) || traits.ipIds.share === 1 ? 'kept' : 'rewritten';
}

function timestampsOf(traits: Traits): FieldChange {
  const { left, right } = traits.stamped;
  if (left === 0 && right === 0) return 'absent';
  if (left === 0) return 'added';
  if (right === 0) return 'removed';
  if (traits.timestamps.samples === 0) return 'unknown';
  if (!keepsTimestamps(traits) && traits.timestamps.share < 1) return 'rewritten';
  return traits.timestampShift === 0 ? 'kept' : 'shifted';
}

const OPTION_NAMES: Readonly<Record<string, string>> = {
  mss: 'MSS',
  ws: 'window scale',
  sack: 'SACK permitted',
  ts: 'time stamps',
  tfo: 'fast open',
  mptcp: 'multipath TCP',
  md5: 'MD5 signature',
  ao: 'authentication',
  uto: 'user timeout',
};

function nameOption(kind: string): string {
  return OPTION_NAMES[kind] ?? `option ${kind}`;
}

function kindsOf({ layout }: SynOptions): string[] {
  return layout.split(',').filter((kind) => kind !== '' && kind !== 'nop' && kind !== 'eol');
}

function hasRun({ layout }: SynOptions): boolean {
  return /(?:^|,)(?:nop,){3}nop(?:,|$)/.test(layout);
}

/** Options of a SYN at both points. What padding makes of a layout (`nop`, `eol`) is told only where a run of it stands for something taken out. */
export function compareOptions(left: SynOptions | null, right: SynOptions | null): SenderChange['options'] {
  if (!left || !right) return null;
  const [before, after] = [kindsOf(left), kindsOf(right)];
  const changes = [
    ...before.filter((kind) => !after.includes(kind)).map((kind) => `${nameOption(kind)} only at the left`),
    ...after.filter((kind) => !before.includes(kind)).map((kind) => `${nameOption(kind)} only at the right`),
  ];
  if (left.mss !== null && right.mss !== null && left.mss !== right.mss) changes.push(`MSS ${left.mss} at the left, ${right.mss} at the right`);
  if (left.windowScale !== null && right.windowScale !== null && left.windowScale !== right.windowScale) {
    changes.push(`window scale ${left.windowScale} at the left, ${right.windowScale} at the right`);
  }
  for (const [options, where] of [
    [left, 'left'],
    [right, 'right'],
  ] as const) {
    if (hasRun(options) && !hasRun(options === left ? right : left)) changes.push(`a run of NOPs at the ${where} stands where options were`);
  }
  if (changes.length === 0 && before.join() !== after.join()) changes.push('the options stand in another order');
  return { left: left.layout, right: right.layout, changes };
}

function describeAddresses(ends: Pick<Transformation, 'left' | 'right'>, names: EndNames): string[] {
  return (['client', 'server'] as const).flatMap((sender) =>
    ends.left[sender] === ends.right[sender]
      ? []
      : [`${names[sender]} is ${ends.left[sender]} at the left and ${ends.right[sender]} at the right (address translation)`],
  );
}

function describeSender(name: string, change: SenderChange): string[] {
  const said: string[] = [];
  const fields: string[] = [];
  const kept: string[] = [];
  if (change.ttlDifference !== null)
    fields.push(
      change.ttlDifference === 0
        ? 'the same TTL at both points'
        : `TTL ${change.ttlDifference > 0 ? 'falls' : 'rises'} by ${Math.abs(change.ttlDifference)} from left to right`,
    );
  if (change.sequenceShift === 0) kept.push('sequence numbers');
  else if (change.sequenceShift !== null) fields.push(`sequence numbers shifted by ${change.sequenceShift} (modulo 2^32)`);
  const sort = (field: FieldChange, what: string) => {
    if (field === 'kept') kept.push(what);
    else if (field !== 'absent' && field !== 'unknown') fields.push(`${what} ${field}`);
  };
  sort(change.ipIds, 'IP identifications');
  sort(change.timestamps, 'time stamps');
  sort(change.windows, 'windows');
  if (change.segmentation === 'changed') fields.push('octets cut into other packets');
  if (kept.length > 0) fields.push(`${kept.join(', ')} kept`);
  if (fields.length > 0) said.push(`packets of ${name}: ${fields.join('; ')}`);
  if (change.options && change.options.changes.length > 0) said.push(`handshake of ${name}: ${change.options.changes.join('; ')}`);
  return said;
}
