export type { RecordReader } from './record.ts';
export { verifyCitations } from './verify.ts';
