export { inferSession } from './infer.ts';
