export { openSources } from './open-sources.ts';
