import { Arg, Ctx, Float, Int, Query, Resolver } from 'type-graphql';
import { searchVideos } from '../../search/search-videos.ts';
import type { Context } from '../context.ts';
import { FIRST, pageLength, videoFilter } from '../inputs.ts';
import { INFERENCE_COST, pageCost } from '../limits.ts';
import { toConnection } from '../types/connection.ts';
import { VideoFilterInput } from '../types/inputs.ts';
import { VideoSearchConnection } from '../types/search.ts';
import { searchParts } from './search-parts.ts';

@Resolver()
export class SearchResolver {
  @Query(() => VideoSearchConnection, {
    description:
      'The videos that a text describes, best first. A search is a snapshot: pages asked with `after` neither repeat nor skip a video.',
    complexity: (estimate) => INFERENCE_COST + pageCost(estimate),
  })
  async searchVideos(
    @Ctx() { services, signal }: Context,
    @Arg('text', () => String, { description: 'What happens in the videos, in plain words.' }) text: string,
    @Arg('first', () => Int, FIRST) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor of the edge to go on after.' })
    after?: string | null,
    @Arg('filter', () => VideoFilterInput, { nullable: true, description: 'Only among these videos.' })
    filter?: VideoFilterInput | null,
    @Arg('minRelevance', () => Float, {
      nullable: true,
      description: 'Leave out what is less relevant, 0 to 1. Default: the model’s `minRelevance`.',
    })
    minRelevance?: number | null,
  ) {
    const began = performance.now();
    const page = await searchVideos(
      await searchParts(services),
      { text, first: pageLength(first), after, filter: videoFilter(filter), minRelevance },
      signal,
    );
    services.metrics.searched((performance.now() - began) / 1000);
    const edges = page.edges.map(({ video, ...edge }) => ({ ...edge, node: video }));
    return { ...toConnection(edges, page.hasNextPage, after), approximate: page.approximate };
  }
}
