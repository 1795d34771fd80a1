import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UserError } from '../model/user-error.ts';
import { closest } from './closest.ts';
import { packageFile } from '../version.ts';

/** A shipped incident with its story and the commands that its README names. */
export interface Sample {
  readonly name: string;
  readonly title: string;
  readonly story: string;
  /** As typed, and as arguments with the paths of this installation. */
  readonly commands: readonly { readonly typed: string; readonly argv: readonly string[] }[];
}

const SAMPLES = fileURLToPath(packageFile('samples'));

/** The shipped incidents in the order of their list, or the one that is named. Throws a `UserError` for a name that none has. */
export function findSamples(name: string | null): Sample[] {
  const list = readFileSync(`${SAMPLES}/README.md`, 'utf8');
  const names = [...list.matchAll(/^- \[([\w-]+)\]/gm)].map(([, found]) => found ?? '');
  if (name === null) return names.map(readSample);
  if (names.includes(name)) return [readSample(name)];
  const near = closest(name, names);
  throw new UserError('usage', `no sample is called ${name}`, near === null ? `samples: ${names.join(', ')}` : `did you mean ${near}?`);
}

/** A block of commands. */
function isCode(paragraph: string): boolean {
  return paragraph.startsWith('    ');
}

function readSample(name: string): Sample {
  const [title = '', ...paragraphs] = readFileSync(`${SAMPLES}/${name}/README.md`, 'utf8')
    .trim()
    .split(/\n\s*\n/);
  const typed = paragraphs.filter(isCode).flatMap((block) => block.split('\n').map((line) => line.trim()));
  return {
    name,
    title: title.replace(/^# /, ''),
    story: paragraphs.filter((paragraph) => !isCode(paragraph)).join('\n\n'),
    commands: typed.map((line) => ({
      typed: line,
      argv: line
        .split(' ')
        .slice(1)
        .map((word) => word.replace(/(^|=)samples(?=\/)/, (_, before: string) => before + SAMPLES)),
    })),
  };
}
