import { describe, expect, test } from 'vitest';
import { mailShare } from '../../src/capture/index.ts';
import { MAIL_PORTS } from '../../src/model/settings.ts';
import { encodePcap, memorySource } from '../support/captures.ts';
import { conversation } from '../support/mail-capture.ts';
import { udpPacket } from '../support/packets.ts';

const ports = new Uint8Array(65_536);
for (const port of MAIL_PORTS) ports[port] = 1;
const byPort = ({ srcPort, dstPort }: { readonly srcPort: number; readonly dstPort: number }, lanes: number): number => (srcPort + dstPort) % lanes;
const body = ['C', 'x'.repeat(1_400)] as const;
const mail = [0, 1].map((place) => conversation([body, body, body], { clientPort: 40_000 + place }));
const other = Array.from({ length: 20 }, (_, i) => ({
  atUs: 1_780_000_000e6 + i,
  ip: udpPacket({ src: '192.0.2.1', dst: '192.0.2.2', srcPort: 53, dstPort: 53, payload: 'x'.repeat(1_000) }),
}));

describe('how much of a capture is mail that lanes can share', () => {
  test('nearly all, half, and nothing where there is one connection', async () => {
    expect(await mailShare(memorySource(encodePcap(mail.flat())), ports, 2, byPort)).toBeGreaterThan(0.9);
    const mixed = await mailShare(memorySource(encodePcap([...other, ...mail.flat()])), ports, 2, byPort);
    expect(mixed).toBeGreaterThan(0.2);
    expect(mixed).toBeLessThan(0.5);
    expect(await mailShare(memorySource(encodePcap(mail[0] ?? [])), ports, 2, byPort)).toBe(0);
    expect(await mailShare(memorySource(encodePcap([])), ports, 2, byPort)).toBe(0);
  });
});
