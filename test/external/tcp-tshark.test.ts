/**
 * Compares every segment of the recorded incidents with tshark: relative numbers, lengths, and what both call a retransmission, a keep-alive
 * or a zero window. Where the two differ on purpose, the table below says why.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCaptures } from '../../src/capture/index.ts';
import { MAIL_PORTS } from '../../src/model/settings.ts';
import { SegmentNote, type Segment, type TcpConnection } from '../../src/model/tcp.ts';
import { openSources } from '../../src/source/index.ts';
import { trackConnections } from '../../src/tcp/index.ts';
import { BlockStore } from '../../src/vault/index.ts';

const cases = fileURLToPath(new URL('../../../shared/cases/', import.meta.url));
const FIELDS = [
  'frame.number',
  'tcp.stream',
  'tcp.seq',
  'tcp.ack',
  'tcp.len',
  'tcp.flags',
  'tcp.analysis.retransmission',
  'tcp.analysis.spurious_retransmission',
  'tcp.analysis.fast_retransmission',
  'tcp.analysis.out_of_order',
  'tcp.analysis.keep_alive',
  'tcp.analysis.zero_window',
] as const;

function hasTshark(): boolean {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function captureFiles(): string[] {
  const files: string[] = [];
  for (const folder of readdirSync(cases, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue;
    for (const name of readdirSync(`${cases}${folder.name}`)) {
      if (/\.pcap(ng)?$/.test(name)) files.push(`${folder.name}/${name}`);
    }
  }
  // Starting tshark takes its time: every fourth file, unless all are asked for.
  return process.env['COMPARE_ALL'] ? files : files.filter((_, i) => i % 4 === 0);
}

interface Shown {
  readonly stream: string;
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
  readonly repeated: boolean;
  readonly outOfOrder: boolean;
  readonly keepAlive: boolean;
  readonly zeroWindow: boolean;
}

/** Rows by frame number; a frame with several TCP layers (quoted in ICMP, tunnels) is left out. */
function dissect(path: string): Map<number, Shown> {
  const args = ['-r', path, '-T', 'fields', '-Y', 'tcp && !icmp && !icmpv6', ...FIELDS.flatMap((field) => ['-e', field])];
  const rows = new Map<number, Shown>();
  // A file that is cut makes tshark fail at its end; what it read until then counts.
  for (const line of spawnSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).stdout.split('\n')) {
    const [frame, stream, seq, ack, length, flags, ...marks] = line.split('\t');
    if (!frame || stream === undefined) continue;
    rows.set(Number(frame), {
      stream,
      seq: Number(seq),
      ack: Number(flags) & 0x10 ? Number(ack) : -1,
      length: Number(length),
      repeated: [marks[0], marks[1], marks[2]].some(Boolean),
      outOfOrder: Boolean(marks[3]),
      keepAlive: Boolean(marks[4]),
      zeroWindow: Boolean(marks[5]),
    });
  }
  return rows;
}

async function track(path: string): Promise<TcpConnection[]> {
  const serverPorts = new Uint8Array(65_536);
  for (const port of MAIL_PORTS) serverPorts[port] = 1;
  const connections: TcpConnection[] = [];
  const tracker = trackConnections({
    vantage: 'appliance',
    store: new BlockStore(),
    serverPorts,
    openStream: () => ({ octets() {}, gap() {}, fin() {} }),
    onConnection: (connection) => connections.push(connection),
  });
  const { sources } = await openSources([{ path, vantage: null }]);
  await readCaptures(sources, tracker, { ports: serverPorts, smtpElsewhere() {} });
  tracker.finish();
  return connections;
}

const REPEATED = SegmentNote.retransmission | SegmentNote.outOfOrder | SegmentNote.keepAlive;

function compare(shown: Shown, segment: Segment): string[] {
  const differences: string[] = [];
  if (shown.seq !== segment.seq) differences.push(`seq ${shown.seq} here ${segment.seq}`);
  if (shown.ack !== segment.ack) differences.push(`ack ${shown.ack} here ${segment.ack}`);
  if (shown.length !== segment.length) differences.push(`length ${shown.length} here ${segment.length}`);
  // tshark tells a repetition from a late arrival by time, we by whether the octets had been seen: either word will do.
  const repeated = shown.repeated || shown.outOfOrder || shown.keepAlive;
  if (repeated !== ((segment.notes & REPEATED) !== 0)) differences.push(`repeated ${repeated} here ${segment.notes & REPEATED}`);
  if (shown.keepAlive !== ((segment.notes & SegmentNote.keepAlive) !== 0)) differences.push(`keep-alive ${shown.keepAlive}`);
  if (shown.zeroWindow !== ((segment.notes & SegmentNote.zeroWindow) !== 0)) differences.push(`zero window ${shown.zeroWindow}`);
  return differences;
}

describe.skipIf(!existsSync(cases) || !hasTshark())('beside tshark', () => {
  test.each(existsSync(cases) ? captureFiles() : [])('%s', async (name) => {
    const shown = dissect(`${cases}${name}`);
    const differences: string[] = [];
    let accounted = 0;
    for (const connection of await track(`${cases}${name}`)) {
      accounted += connection.duplicateFrames;
      for (const segment of connection.segments) {
        const row = shown.get(segment.packet);
        if (!row) continue;
        accounted++;
        for (const difference of compare(row, segment)) differences.push(`packet ${segment.packet} stream ${connection.stream}: ${difference}`);
      }
    }
    expect(accounted).toBe(shown.size);
    expect(differences).toEqual([]);
  });
});
