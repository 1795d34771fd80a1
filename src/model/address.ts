/** IP addresses as text: IPv4 dotted, IPv6 in the form of RFC 5952 (lower case, longest run of zero groups as `::`). */

/** Text of the address at `at`; `family` says whether 4 or 16 octets are read. IPv4-mapped IPv6 addresses come out dotted. */
export function formatAddress(bytes: Uint8Array, at: number, family: 4 | 6): string {
  if (family === 4) return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[at + i] ?? 0) << 8) | (bytes[at + i + 1] ?? 0));
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) return formatAddress(bytes, at + 12, 4);
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > bestLength) {
      best = i;
      bestLength = length;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}

/** The octets of an address in text (4 or 16), or null where the text is none. Brackets and a zone index are tolerated. */
export function parseAddress(text: string): Uint8Array | null {
  const bare = text
    .trim()
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '');
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(bare);
  if (v4) {
    const octets = v4.slice(1).map(Number);
    return octets.every((octet) => octet <= 255) ? Uint8Array.from(octets) : null;
  }
  return parseV6(bare);
}

function parseV6(text: string): Uint8Array | null {
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':')) return null;
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const left = groupsOf(halves[0] ?? '');
  const right = halves.length === 2 ? groupsOf(halves[1] ?? '') : [];
  if (!left || !right) return null;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...left, ...Array.from({ length: missing }, () => 0), ...right];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(half: string): number[] | null {
  if (half === '') return [];
  const groups: number[] = [];
  const parts = half.split(':');
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = i === parts.length - 1 ? parseAddress(part) : null;
      if (!v4) return null;
      groups.push(((v4[0] ?? 0) << 8) | (v4[1] ?? 0), ((v4[2] ?? 0) << 8) | (v4[3] ?? 0));
      continue;
    }
    if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
    groups.push(Number.parseInt(part, 16));
  }
  return groups;
}

/** Four numbers from 0 to 255 without leading zeros: nearly all addresses, and already in their one spelling. */
function isPlainV4(text: string): boolean {
  const { length } = text;
  let dots = 0;
  let digits = 0;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e && digits > 0) {
      dots++;
      digits = 0;
      value = 0;
    } else if (code >= 0x30 && code <= 0x39 && !(digits > 0 && value === 0)) {
      digits++;
      value = value * 10 + code - 0x30;
      if (value > 255) return false;
    } else return false;
  }
  return dots === 3 && digits > 0;
}

/** The one spelling under which addresses are compared; text that is no address is returned trimmed and in lower case. */
export function canonicalAddress(text: string): string {
  if (isPlainV4(text)) return text;
  const octets = parseAddress(text);
  if (!octets) return text.trim().toLowerCase();
  return formatAddress(octets, 0, octets.length === 4 ? 4 : 6);
}

/** Whether `address` lies in `block` (an address or CIDR). False for text that is neither. */
export function inBlock(address: string, block: string): boolean {
  const [base = '', bitsText] = block.split('/');
  const a = parseAddress(canonicalAddress(address));
  const b = parseAddress(canonicalAddress(base));
  if (!a || !b || a.length !== b.length) return false;
  const bits = bitsText === undefined ? a.length * 8 : Number(bitsText);
  if (!Number.isInteger(bits) || bits < 0 || bits > a.length * 8) return false;
  for (let i = 0; i < a.length; i++) {
    const keep = Math.min(8, Math.max(0, bits - i * 8));
    const mask = (0xff << (8 - keep)) & 0xff;
    if (((a[i] ?? 0) & mask) !== ((b[i] ?? 0) & mask)) return false;
  }
  return true;
}
