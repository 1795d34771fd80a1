import { escapeText } from './escape.ts';
import { type TextStyle, layOut } from './layout.ts';

/** A page of the manual as text: headings, paragraphs and lists, wrapped to the width; marks of Markdown are taken out. */
export function* renderPage(markdown: string, style: TextStyle): Generator<string> {
  let paragraph: string[] = [];
  function* flush(): Generator<string> {
    if (paragraph.length > 0) yield layOut(style, '  ', unmark(paragraph.join(' ')));
    paragraph = [];
  }
  for (const line of markdown.split('\n')) {
    const heading = /^(#+) (.*)$/.exec(line);
    const item = /^- (.*)$/.exec(line);
    if (heading || item || line.trim() === '') yield* flush();
    if (heading) yield layOut(style, '', unmark(heading[2] ?? ''), style.palette.heading);
    else if (item) yield layOut(style, '  - ', unmark(item[1] ?? ''));
    else if (line.trim() === '') yield '\n';
    else if (/[.:?]$/.test(line)) {
      paragraph.push(line);
      yield* flush();
    } else paragraph.push(line);
  }
  yield* flush();
}

/** Backticks stay: they show where a command or a filter begins and ends. */
function unmark(text: string): string {
  return escapeText(text.replace(/\*([^*\s`][^*`]*)\*/g, '$1'));
}

/** One line a page: its findings, and what it is about. */
export function* renderPageList(pages: readonly { readonly title: string; readonly findings: readonly string[] }[], style: TextStyle): Generator<string> {
  yield layOut(style, '', 'whohungup explain FINDING tells what was seen, why it means that, how often it misleads and what to do.');
  yield '\n';
  for (const { title, findings } of pages) {
    yield layOut(style, '', title, style.palette.heading);
    yield layOut(style, '    ', findings.join(', '));
  }
}

/** A shipped incident's title and story. */
export function* renderStory(title: string, story: string, style: TextStyle): Generator<string> {
  yield `${style.palette.heading(escapeText(title))}\n\n`;
  for (const paragraph of story.split(/\n\s*\n/)) yield `${layOut(style, '', escapeText(paragraph.replace(/\s*\n\s*/g, ' ')))}\n`;
}

/** A command as it would be typed. */
export function* renderPrompt(command: string, style: TextStyle): Generator<string> {
  yield `${style.palette.heading(`$ ${escapeText(command)}`)}\n\n`;
}
