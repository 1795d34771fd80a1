import { existsSync, readFileSync } from 'node:fs';
import { UserError } from '../model/user-error.ts';
import type { Replaced } from '../share/index.ts';

/** The key of an earlier bundle; null where there was none. */
export function readKey(path: string): Uint8Array | null {
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

export function keyDocument(tool: unknown, key: Uint8Array, { addresses, hardware, words }: Replaced): string {
  const lists = { addresses: Object.fromEntries(addresses), hardware: Object.fromEntries(hardware), words: Object.fromEntries(words) };
  return `${JSON.stringify({ tool, key: Buffer.from(key).toString('base64'), replaced: lists }, null, 1)}\n`;
}
