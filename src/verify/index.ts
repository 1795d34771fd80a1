export type { RawRecord, RecordReader } from './record.ts';
export { verifyCitations } from './verify.ts';
