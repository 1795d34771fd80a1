/** TLS messages written octet by octet, as small as they may be. */
const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const u24 = (value: number): Buffer => Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);
const vector16 = (content: Buffer): Buffer => Buffer.concat([u16(content.length), content]);

export function record(type: number, content: Buffer | number): Buffer {
  const body = typeof content === 'number' ? Buffer.alloc(content, 0x0a) : content;
  return Buffer.concat([Buffer.from([type, 3, 3]), u16(body.length), body]);
}

function message(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), u24(body.length), body]);
}

function extension(type: number, content: Buffer): Buffer {
  return Buffer.concat([u16(type), vector16(content)]);
}

export function clientHello(sni: string | null, versions: number[] = []): Buffer {
  const extensions: Buffer[] = [extension(0x0a0a, Buffer.alloc(0))];
  if (sni !== null) extensions.push(extension(0, vector16(Buffer.concat([Buffer.from([0]), vector16(Buffer.from(sni))]))));
  if (versions.length > 0) extensions.push(extension(43, Buffer.concat([Buffer.from([2 * versions.length]), ...versions.map(u16)])));
  const body = [u16(0x0303), Buffer.alloc(32, 7), Buffer.from([0]), vector16(u16(0xc030)), Buffer.from([1, 0]), vector16(Buffer.concat(extensions))];
  return message(1, Buffer.concat(body));
}

export function serverHello(cipher: number, version13 = false): Buffer {
  const extensions = version13 ? extension(43, u16(0x0304)) : Buffer.alloc(0);
  return message(2, Buffer.concat([u16(0x0303), Buffer.alloc(32, 8), Buffer.from([0]), u16(cipher), Buffer.from([0]), vector16(extensions)]));
}

export const CERTIFICATE = message(11, Buffer.alloc(900, 1));
export const CHANGE_CIPHER = record(20, Buffer.from([1]));
export const alert = (level: number, description: number): Buffer => record(21, Buffer.from([level, description]));
