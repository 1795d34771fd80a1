export type * from '../model/log-entry.ts';
