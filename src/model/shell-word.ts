/**
 * A path as one word of a command that can be pasted. Names come from whoever sent the file: what a shell would carry out, as in
 * `$(...)`, stands in single quotes; double ones, which every shell knows (cmd.exe, too), are for harmless names.
 */
export function shellWord(path: string): string {
  const word = path.startsWith('-') ? `./${path}` : path;
  if (/^[\w./:\\-]+$/.test(word)) return word;
  return /["$`!%\\]/.test(word) ? `'${word.replaceAll("'", String.raw`'\''`)}'` : `"${word}"`;
}
