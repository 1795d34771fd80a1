// Writes a mail_logs in which one connection receives all messages, four lines each: the same for the same number.
import { writeFileSync } from 'node:fs';
import { two } from './parts.mjs';

const LINES_A_SECOND = 100;

export function writeOneIcid(path, lines) {
  const texts = [
    'Wed May  6 08:00:00 2026 Info: New SMTP ICID 77 interface Data 1 (192.0.2.25) address 198.51.100.7 reverse dns host mta.example.org verified yes',
  ];
  for (let line = 0; line + 4 <= lines; line += 4) {
    const second = Math.floor(line / LINES_A_SECOND);
    const stamp = `Wed May  6 ${two(8 + Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)} 2026 Info: `;
    const mid = 5000 + line / 4;
    texts.push(
      `${stamp}Start MID ${mid} ICID 77`,
      `${stamp}MID ${mid} ICID 77 From: <news${mid}@example.org>`,
      `${stamp}MID ${mid} ICID 77 RID 0 To: <user@example.com>`,
      `${stamp}MID ${mid} ready 900 bytes from <news${mid}@example.org>`,
    );
  }
  const text = `${texts.join('\n')}\n`;
  writeFileSync(path, text);
  return text.length;
}
