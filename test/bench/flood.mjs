// Writes a flood of SYNs to the appliance, each from another address, as a classic pcap file: the same for the same number.
import { closeSync, openSync, writeSync } from 'node:fs';
import { pcapHeader } from './parts.mjs';

const FRAME = 54;
const RECORD = 16 + FRAME;
const AT_ONCE = 50_000;

export function writeFlood(path, attempts) {
  const file = openSync(path, 'w');
  writeSync(file, pcapHeader());
  const buffer = Buffer.alloc(AT_ONCE * RECORD);
  for (let done = 0; done < attempts; done += AT_ONCE) {
    const count = Math.min(AT_ONCE, attempts - done);
    buffer.fill(0);
    for (let i = 0; i < count; i++) writeSyn(buffer, i * RECORD, done + i);
    writeSync(file, buffer, 0, count * RECORD);
  }
  closeSync(file);
  return 24 + attempts * RECORD;
}

function writeSyn(buffer, at, number) {
  buffer.writeUInt32LE(1_780_000_000 + Math.floor(number / 100_000), at);
  buffer.writeUInt32LE((number % 100_000) * 10, at + 4);
  buffer.writeUInt32LE(FRAME, at + 8);
  buffer.writeUInt32LE(FRAME, at + 12);
  const frame = at + 16;
  buffer[frame + 12] = 8;
  buffer[frame + 14] = 0x45;
  buffer.writeUInt16BE(40, frame + 16);
  buffer[frame + 22] = 55;
  buffer[frame + 23] = 6;
  buffer.writeUInt32BE(0x0a000000 + (number % 0xffffff), frame + 26);
  buffer.writeUInt32BE(0xc0000219, frame + 30);
  buffer.writeUInt16BE(1024 + (number % 60_000), frame + 34);
  buffer.writeUInt16BE(25, frame + 36);
  buffer.writeUInt32BE(Math.imul(number, 7919) >>> 0, frame + 38);
  buffer[frame + 46] = 0x50;
  buffer[frame + 47] = 2;
  buffer.writeUInt16BE(29_200, frame + 48);
}
