import { type LogPattern, shape } from './pattern.ts';

/** Spam quarantine (ISQ; EUQ in old versions), RPC connections to it, policy, virus and outbreak quarantines, and those on an SMA. */
export const QUARANTINE_PATTERNS: readonly LogPattern[] = [
  shape({
    kind: 'spam-quarantine',
    heads: ['ISQ:', 'EUQ:'],
    regex:
      /^(?:ISQ|EUQ): (?:(?<tagged>Tagging) MID (?<a>\d{1,15}) for quarantine|(?<in>Quarantined) MID (?<b>\d{1,15})|(?<releasing>Releasing) MID \[?(?<c>\d{1,15})\]?(?: for (?<w1>.{1,500}))?|(?<delivering>Delivering) released MID (?<d>\d{1,15})(?: \(skipping work queue\))?|(?<released>Released) MID (?<e>\d{1,15}) to (?<w2>.{1,500})|(?<deleting>Deleting) MID \[?(?<f>\d{1,15})\]?(?: for (?<w3>.{1,500}))?|(?<deleted>Deleted) MID \[?(?<g>\d{1,15})\]?(?: for (?<w4>.{1,500}))?)$/,
    read: (field) => {
      const steps = {
        tagged: 'tagged',
        in: 'quarantined',
        releasing: 'releasing',
        delivering: 'delivering',
        released: 'released',
        deleting: 'deleting',
      } as const;
      const named = (Object.keys(steps) as (keyof typeof steps)[]).find((name) => field.has(name));
      const mid = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].find((name) => field.has(name)) ?? 'g';
      const who = ['w1', 'w2', 'w3', 'w4'].map((name) => field.optional(name)).find((text) => text !== null) ?? null;
      const recipient = who === null || /^all(?: recipients)?$/i.test(who) ? null : who.replace(/^<(.*)>$/, '$1');
      return { kind: 'spam-quarantine', mid: field.number(mid), step: named ? steps[named] : 'deleted', recipient };
    },
    samples: [
      { line: 'ISQ: Tagging MID 1357 for quarantine', gives: { kind: 'spam-quarantine', mid: 1357, step: 'tagged', recipient: null } },
      { line: 'EUQ: Quarantined MID 1357', gives: { kind: 'spam-quarantine', mid: 1357, step: 'quarantined', recipient: null } },
      { line: 'ISQ: Releasing MID [1357] for all', gives: { kind: 'spam-quarantine', mid: 1357, step: 'releasing', recipient: null } },
      { line: 'ISQ: Delivering released MID 1357 (skipping work queue)', gives: { kind: 'spam-quarantine', mid: 1357, step: 'delivering', recipient: null } },
      { line: 'ISQ: Released MID 1357 to bob@example.com', gives: { kind: 'spam-quarantine', mid: 1357, step: 'released', recipient: 'bob@example.com' } },
      { line: 'ISQ: Deleting MID [1357] for all', gives: { kind: 'spam-quarantine', mid: 1357, step: 'deleting', recipient: null } },
      { line: 'ISQ: Deleted MID 1357 for all', gives: { kind: 'spam-quarantine', mid: 1357, step: 'deleted', recipient: null } },
      { line: 'ISQ: Releasing MID [1357] for bob@example.com', gives: { kind: 'spam-quarantine', mid: 1357, step: 'releasing', recipient: 'bob@example.com' } },
      { line: 'ISQ: Deleted MID 1357 for bob@example.com', gives: { kind: 'spam-quarantine', mid: 1357, step: 'deleted', recipient: 'bob@example.com' } },
    ],
  }),
  shape({
    kind: 'mid-relation',
    heads: ['ISQ:', 'EUQ:'],
    regex: /^(?<by>ISQ|EUQ): Reinjected MID (?<from>\d{1,15}) as MID (?<to>\d{1,15})$/,
    read: (field) => ({ kind: 'mid-relation', relation: 'reinjected', from: field.number('from'), to: field.number('to'), by: field.text('by') }),
    samples: [{ line: 'ISQ: Reinjected MID 1357 as MID 1359', gives: { kind: 'mid-relation', relation: 'reinjected', from: 1357, to: 1359, by: 'ISQ' } }],
  }),
  shape({
    kind: 'rpc',
    heads: ['RPC', 'Start'],
    regex:
      /^(?:RPC Delivery (?<start>start) RCID (?<a>\d{1,15}) MID (?<m>\d{1,15}) to .{1,100}|RPC Message (?<done>done) RCID (?<b>\d{1,15}) MID (?<n>\d{1,15})|RPC Message (?<rejected>rejected) RCID (?<c>\d{1,15}) MID (?<o>\d{1,15}).{0,400}|Start delivery of MID (?<p>\d{1,15}) over RPC connection (?<d>\d{1,15})|RPC connection (?:to \S{1,200} )?(?:failed )?RCID (?<e>\d{1,15})(?: MID (?<q>\d{1,15}))?.{0,400})$/,
    read: (field) => {
      const rcid = ['a', 'b', 'c', 'd'].find((name) => field.has(name)) ?? 'e';
      const mid = ['m', 'n', 'o', 'p'].find((name) => field.has(name)) ?? 'q';
      const step = field.has('start') || field.has('p') ? 'start' : field.has('done') ? 'done' : field.has('rejected') ? 'rejected' : 'trouble';
      return { kind: 'rpc', rcid: field.number(rcid), mid: field.optionalNumber(mid), step };
    },
    samples: [
      { line: 'RPC Delivery start RCID 161 MID 1357 to local IronPort Spam Quarantine', gives: { kind: 'rpc', rcid: 161, mid: 1357, step: 'start' } },
      { line: 'RPC Message done RCID 161 MID 1357', gives: { kind: 'rpc', rcid: 161, mid: 1357, step: 'done' } },
      { line: 'RPC Message rejected RCID 161 MID 1357', gives: { kind: 'rpc', rcid: 161, mid: 1357, step: 'rejected' } },
      { line: 'Start delivery of MID 1357 over RPC connection 161', gives: { kind: 'rpc', rcid: 161, mid: 1357, step: 'start' } },
      { line: 'RPC connection RCID 161 to 127.0.0.1 sleeping for 30 seconds', gives: { kind: 'rpc', rcid: 161, mid: null, step: 'trouble' } },
      { line: 'RPC connection to 127.0.0.1 failed RCID 161 MID 1357 (refused)', gives: { kind: 'rpc', rcid: 161, mid: 1357, step: 'trouble' } },
      { line: 'RPC connection RCID 161 reset sleep time', gives: { kind: 'rpc', rcid: 161, mid: null, step: 'trouble' } },
      { line: 'RPC connection RCID 161 killed', gives: { kind: 'rpc', rcid: 161, mid: null, step: 'trouble' } },
    ],
  }),
  shape({
    kind: 'quarantine-in',
    heads: ['MID # quarantined', 'MID # enqueued', 'MID # quarantine'],
    regex:
      /^MID (?<mid>\d{1,15}) (?:quarantined to|quarantine|(?<central>enqueued for transfer to centralized quarantine)) "(?<quarantine>[^"]{0,200})"(?: new reason)?(?: \((?<reason>.{0,400})\))?$/,
    read: (field) => ({
      kind: 'quarantine-in',
      mid: field.number('mid'),
      quarantine: field.text('quarantine'),
      reason: field.optional('reason'),
      centralized: field.has('central'),
    }),
    samples: [
      {
        line: 'MID 1361 quarantined to "Policy" (message filter:hold_macros)',
        gives: { kind: 'quarantine-in', mid: 1361, quarantine: 'Policy', reason: 'message filter:hold_macros', centralized: false },
      },
      {
        line: 'MID 1361 quarantine "Outbreak" new reason (VOF rule:EXTRA0001)',
        gives: { kind: 'quarantine-in', mid: 1361, quarantine: 'Outbreak', reason: 'VOF rule:EXTRA0001', centralized: false },
      },
      {
        line: 'MID 1361 enqueued for transfer to centralized quarantine "Policy" (content filter:hold)',
        gives: { kind: 'quarantine-in', mid: 1361, quarantine: 'Policy', reason: 'content filter:hold', centralized: true },
      },
      { line: 'MID 1361 quarantined to "Policy"', gives: { kind: 'quarantine-in', mid: 1361, quarantine: 'Policy', reason: null, centralized: false } },
      {
        line: 'MID 1361 quarantined to "Outbreak" (VOF rule:EXTRA0001)',
        gives: { kind: 'quarantine-in', mid: 1361, quarantine: 'Outbreak', reason: 'VOF rule:EXTRA0001', centralized: false },
      },
    ],
  }),
  shape({
    kind: 'quarantine-out',
    heads: ['MID # released', 'MID # deleted'],
    regex:
      /^MID (?<mid>\d{1,15}) (?<step>released|released \(attachments stripped\)|deleted) from (?:quarantine "(?<quarantine>[^"]{0,200})"(?: \((?<reason>[^()]{0,100})\))?(?: t=(?<age>\d{1,12}))?|all quarantines)$/,
    read: (field) => ({
      kind: 'quarantine-out',
      mid: field.number('mid'),
      quarantine: field.optional('quarantine'),
      step: field.text('step'),
      reason: field.optional('reason'),
      heldSeconds: field.optionalNumber('age'),
    }),
    samples: [
      {
        line: 'MID 1361 released from quarantine "Policy" (manual) t=29',
        gives: { kind: 'quarantine-out', mid: 1361, quarantine: 'Policy', step: 'released', reason: 'manual', heldSeconds: 29 },
      },
      {
        line: 'MID 1361 released (attachments stripped) from all quarantines',
        gives: { kind: 'quarantine-out', mid: 1361, quarantine: null, step: 'released (attachments stripped)', reason: null, heldSeconds: null },
      },
      {
        line: 'MID 1361 deleted from quarantine "Virus" (expired)',
        gives: { kind: 'quarantine-out', mid: 1361, quarantine: 'Virus', step: 'deleted', reason: 'expired', heldSeconds: null },
      },
      {
        line: 'MID 1361 released (attachments stripped) from quarantine "Virus" (expired) t=29',
        gives: { kind: 'quarantine-out', mid: 1361, quarantine: 'Virus', step: 'released (attachments stripped)', reason: 'expired', heldSeconds: 29 },
      },
      {
        line: 'MID 1361 deleted from quarantine "Policy" (queue full) t=29',
        gives: { kind: 'quarantine-out', mid: 1361, quarantine: 'Policy', step: 'deleted', reason: 'queue full', heldSeconds: 29 },
      },
      {
        line: 'MID 1361 deleted from quarantine "Policy" (manual)',
        gives: { kind: 'quarantine-out', mid: 1361, quarantine: 'Policy', step: 'deleted', reason: 'manual', heldSeconds: null },
      },
      {
        line: 'MID 1361 released from all quarantines',
        gives: { kind: 'quarantine-out', mid: 1361, quarantine: null, step: 'released', reason: null, heldSeconds: null },
      },
      {
        line: 'MID 1361 deleted from all quarantines',
        gives: { kind: 'quarantine-out', mid: 1361, quarantine: null, step: 'deleted', reason: null, heldSeconds: null },
      },
    ],
  }),
  shape({
    kind: 'mid-relation',
    heads: ['MID # received'],
    regex: /^MID (?<to>\d{1,15}) received from the SMA (?<by>\S{1,200}) \(MID originally (?<from>\d{1,15})\)(?: .{1,300})?$/,
    read: (field) => ({ kind: 'mid-relation', relation: 'released-as', from: field.number('from'), to: field.number('to'), by: field.text('by') }),
    samples: [
      {
        line: 'MID 1362 received from the SMA sma.example.com (MID originally 1361) on release from quarantine "Policy"',
        gives: { kind: 'mid-relation', relation: 'released-as', from: 1361, to: 1362, by: 'sma.example.com' },
      },
      {
        line: 'MID 1362 received from the SMA sma.example.com (MID originally 1361) on release from Policy quarantine',
        gives: { kind: 'mid-relation', relation: 'released-as', from: 1361, to: 1362, by: 'sma.example.com' },
      },
    ],
  }),
];
