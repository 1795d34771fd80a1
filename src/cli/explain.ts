import { PAGES, findPage, readPage, suggestFindings } from '../explain/index.ts';
import { UserError } from '../model/user-error.ts';
import { type TextStyle, renderPage, renderPageList } from '../render/index.ts';

/** The page of a finding, or the list of all. Throws a `UserError` for a name that no page has. */
export function explainFinding(finding: string | null, style: TextStyle): Iterable<string> {
  if (finding === null) return renderPageList(PAGES, style);
  const page = findPage(finding);
  if (page) return renderPage(readPage(page), style);
  const near = suggestFindings(finding);
  throw new UserError('usage', `no finding is called ${finding}`, near.length > 0 ? `close to it: ${near.join(', ')}` : 'list all: whohungup explain');
}
