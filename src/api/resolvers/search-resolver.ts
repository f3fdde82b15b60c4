import { Arg, Ctx, Float, ID, Int, Query, Resolver } from 'type-graphql';
import { classifyVideo } from '../../search/classify-video.ts';
import type { SearchParts } from '../../search/parts.ts';
import { searchVideos } from '../../search/search-videos.ts';
import type { Context, Services } from '../context.ts';
import { FIRST, pageLength, videoFilter } from '../inputs.ts';
import { INFERENCE_COST, pageCost } from '../limits.ts';
import { Classification, type LabelScore } from '../types/classification.ts';
import { toConnection } from '../types/connection.ts';
import { VideoFilterInput } from '../types/inputs.ts';
import { VideoSearchConnection } from '../types/search.ts';
import { modelOf } from './model-fields.ts';

/** The active model, whichever it is when a request comes: it is that request's to its end. */
async function searchParts({ store, models }: Services): Promise<SearchParts> {
  return { store, model: await models.active() };
}

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

  @Query(() => Classification, {
    description:
      'How probable each of the labels is for a stored video. No training is needed: any text is a label.',
    complexity: ({ childComplexity }) => INFERENCE_COST + childComplexity,
  })
  async classifyVideo(
    @Ctx() { services, signal }: Context,
    @Arg('id', () => ID, { description: 'The video.' }) id: string,
    @Arg('labels', () => [String], {
      nullable: true,
      description:
        'What it may be, 1 to 1,000 different texts: `["programming course", "eating spaghetti"]`.',
    })
    labels?: string[] | null,
    @Arg('template', () => String, {
      nullable: true,
      description: 'A text around each label, with `{}` once: `a video of {}`.',
    })
    template?: string | null,
    @Arg('start', () => Float, { nullable: true, description: 'Only clips that end after this second.' })
    start?: number | null,
    @Arg('end', () => Float, { nullable: true, description: 'Only clips that begin before this second.' })
    end?: number | null,
  ): Promise<Classification> {
    const request = { id, labels: labels ?? [], template, start, end };
    const parts = await searchParts(services);
    const began = performance.now();
    const result = await classifyVideo(parts, request, signal);
    services.metrics.classified((performance.now() - began) / 1000);
    const model = await modelOf(services, parts.model.fingerprint);
    return { ...result, model, best: result.labels[0] as LabelScore };
  }
}
