/** What each finding means: one short page each, in the package's `docs/findings`. */
export { PAGES } from './pages.ts';
export { findPage, readPage, suggestFindings } from './read-page.ts';
