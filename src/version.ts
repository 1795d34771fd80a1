import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)('../package.json') as { readonly name: string; readonly version: string };

export const TOOL_NAME: string = manifest.name;
export const TOOL_VERSION: string = manifest.version;

/** A file of the package, by its path from the package's top. Stands here, because the bundle lies as deep in the package as this file. */
export function packageFile(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}
