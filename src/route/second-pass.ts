import { readCaptures, readFrames } from '../capture/index.ts';
import { AnomalyCounter } from '../model/anomaly.ts';
import type { FrameView } from '../model/frame.ts';
import type { Speech } from '../model/speech.ts';
import type { TakeoutVantage } from '../model/takeout.ts';
import type { StreamSink, TcpConnection } from '../model/tcp.ts';
import { mapSpeech, type SpeechMapper } from '../smtp/index.ts';
import { tlsFollowers } from '../tls/index.ts';
import { BlockStore } from '../vault/index.ts';
import { FrameOwners, type Ownership, trackConnections } from '../tcp/index.ts';

const DEAF: StreamSink = { octets: () => undefined, gap: () => undefined, fin: () => undefined };

/** Follows the wanted connections once more; what is said where, by the connection's stream number. The captures must be readable again. */
export async function readSpeech({ name, sources }: TakeoutVantage, ports: Uint8Array, wanted: Iterable<TcpConnection>): Promise<Map<number, Speech>> {
  const streams = new Set([...wanted].map(({ stream }) => stream));
  const found = new Map<number, Speech>();
  // What is written out again never holds what keys opened: records stay records.
  const openTls = tlsFollowers();
  const tracker = trackConnections({
    vantage: name,
    store: new BlockStore(),
    serverPorts: ports,
    openStream: (info) => (streams.has(info.stream) ? mapSpeech({ clientSide: info.sawSyn ? 0 : null, serverPort: info.responderPort, openTls }) : DEAF),
    onConnection: ({ stream }, sink) => {
      if (streams.has(stream)) found.set(stream, (sink as SpeechMapper).finish());
    },
  });
  const sink = { segment: tracker.segment.bind(tracker), icmp: tracker.icmp.bind(tracker) };
  await readCaptures(quietly(sources), sink, { ports, smtpElsewhere: () => undefined });
  tracker.finish();
  return found;
}

/** Hands over the frames of the wanted connections, ICMP errors that quote them and all their fragments included. */
export async function readOwnFrames(
  { sources, summaries }: TakeoutVantage,
  wanted: Iterable<TcpConnection>,
  onFrame: (frame: FrameView, owner: Ownership) => void,
): Promise<void> {
  const owners = new FrameOwners(wanted);
  if (summaries.some(({ contains }) => contains.fragments)) await readFrames(sources, (frame) => owners.learn(frame));
  await readFrames(sources, (frame) => {
    const owner = owners.ownerOf(frame);
    if (owner) onFrame(frame, owner);
  });
}

/** What is odd in the files was told at the first reading. */
function quietly(sources: TakeoutVantage['sources']): TakeoutVantage['sources'] {
  return sources.map((source) => ({
    input: source.input,
    path: source.path,
    kind: source.kind,
    format: source.format,
    bytes: source.bytes,
    vantage: source.vantage,
    advice: source.advice,
    anomalies: new AnomalyCounter(),
    ...(source.onlyInterface === undefined ? {} : { onlyInterface: source.onlyInterface }),
    open: () => source.open(),
  }));
}
