import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)('../package.json') as { readonly name: string; readonly version: string };

export const TOOL_NAME: string = manifest.name;
export const TOOL_VERSION: string = manifest.version;
