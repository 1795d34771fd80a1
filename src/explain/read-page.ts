import { readFileSync } from 'node:fs';
import { packageFile } from '../version.ts';
import { type FindingPage, PAGES } from './pages.ts';

/** The page of a finding by its kind, or by its own name; null where there is none. Case and underscores do not matter. */
export function findPage(finding: string): FindingPage | null {
  const wanted = plain(finding);
  return PAGES.find(({ page, findings }) => findings.includes(wanted) || page === wanted) ?? null;
}

/** The page's text in Markdown. Throws what the file system throws where the package is incomplete. */
export function readPage({ page }: FindingPage): string {
  return readFileSync(packageFile(`docs/findings/${page}.md`), 'utf8');
}

/** Findings that share a word with what was asked for, at most five. */
export function suggestFindings(finding: string): string[] {
  const words = plain(finding)
    .split('-')
    .filter((word) => word.length > 2);
  const shared = (name: string) => words.filter((word) => name.includes(word)).length;
  const all = PAGES.flatMap(({ findings }) => findings).filter((name) => shared(name) > 0);
  return all.sort((a, b) => shared(b) - shared(a)).slice(0, 5);
}

function plain(finding: string): string {
  return finding.trim().toLowerCase().replaceAll('_', '-');
}
