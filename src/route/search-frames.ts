import { readFrames } from '../capture/index.ts';
import type { Source } from '../model/source.ts';
import type { Leak, LeakSearch } from '../share/index.ts';

/** What of the originals still stands in the frames of captures, binary forms included. */
export async function searchFrames(sources: readonly Source[], search: LeakSearch): Promise<Leak[]> {
  const captures = sources.filter(({ kind }) => kind === 'capture');
  return await search.inFrames(async (onFrame) => await readFrames(captures, onFrame));
}
