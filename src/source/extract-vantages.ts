/** Block types and options of draft-ietf-opsawg-pcapng; `whohungup extract` writes little-endian sections. */
const SECTION_HEADER = 0x0a0d0d0a;
const LITTLE_MARK = 0x1a2b3c4d;
const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;

/** Names of the vantage points whose packets an extract of ours holds, each from interfaces of that name; empty for any other file. */
export function vantagesOfExtract(head: Uint8Array): string[] {
  if (head.length < 28) return [];
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (view.getUint32(0) !== SECTION_HEADER || view.getUint32(8, true) !== LITTLE_MARK) return [];
  const end = Math.min(head.length, view.getUint32(4, true)) - 4;
  let isOurs = false;
  let names: string[] = [];
  for (let at = 24; at + 4 <= end; ) {
    const code = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (code === 0 || at + 4 + length > end) break;
    const value = Buffer.from(head.buffer, head.byteOffset + at + 4, length).toString('utf8');
    if (code === SHB_USERAPPL) isOurs = value.startsWith('whohungup ');
    if (code === OPT_COMMENT && value.startsWith(LEAD)) names = value.slice(LEAD.length).split(', ');
    at += 4 + ((length + 3) & ~3);
  }
  return isOurs ? names.filter((name) => name !== '') : [];
}

const LEAD = 'vantage points: ';
