export { default as fc } from 'fast-check';
export { test } from 'vitest';
