import type { VideoFilter } from '../../store/types.ts';
import type { SearchParts } from '../parts.ts';
import { checkPairs } from './check-pairs.ts';
import type { ClassificationResult } from './classify-video.ts';
import { type ExampledRequest, prepareLabels, resolveRequest } from './prepare-labels.ts';
import { labelScores, scoreLabels } from './score-labels.ts';

export interface VideosClassification extends ExampledRequest {
  filter: VideoFilter;
  first: number;
  after?: string | null | undefined;
}

/**
 * Classifies a page of the library, newest first; videos that are not embedded are left out, and so are those deleted
 * meanwhile. Throws `BAD_USER_INPUT`, `BAD_CURSOR`, `NOT_FOUND`, `VIDEO_NOT_READY`, `TOO_COSTLY`.
 */
export async function classifyVideos(
  parts: SearchParts,
  { filter, first, after, ...request }: VideosClassification,
  signal?: AbortSignal,
): Promise<{ edges: { cursor: string; node: ClassificationResult }[]; hasNextPage: boolean }> {
  const { store, model } = parts;
  const { fingerprint } = model;
  const labels = await resolveRequest(parts, request);
  const page = await store.videos.page({
    ...{ first, after: after ?? null, filter: { ...filter, searchable: true } },
  });
  const ids = page.edges.map(({ node }) => node.id);
  const snapshot = await store.videos.snapshot(fingerprint);
  const { clips } = await store.clips.count({ model: fingerprint, snapshot, filter: { ids } });
  checkPairs(labels.length, clips, 'ask for a smaller page with `first`');
  const prepared = await prepareLabels(parts, labels, signal);
  const { names } = prepared;
  const edges = [];
  for (const { cursor, node: video } of page.edges) {
    const scored = await scoreLabels(parts, prepared, await store.clips.of(video.id, fingerprint), signal);
    if (scored.clips.length === 0) continue;
    edges.push({ cursor, node: { video, names, labels: labelScores(names, scored.clips), ...scored } });
  }
  return { edges, hasNextPage: page.hasNextPage };
}
