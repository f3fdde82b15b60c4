import { Arg, Args, Ctx, FieldResolver, Float, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { explainVideo } from '../../search/explain-video.ts';
import { searchMoments } from '../../search/search-moments.ts';
import { searchVideos } from '../../search/search-videos.ts';
import { similarVideos } from '../../search/similar-videos.ts';
import type { Context } from '../context.ts';
import { pageLength, videoFilter } from '../inputs.ts';
import { INFERENCE_COST, searchCost } from '../limits.ts';
import { toConnection } from '../types/connection.ts';
import {
  Explanation,
  MomentSearchConnection,
  SearchReceiptType,
  SimilarVideoConnection,
  VideoSearchConnection,
} from '../types/search.ts';
import {
  MomentSearchArguments,
  SimilarVideosArguments,
  VideoSearchArguments,
} from '../types/search-arguments.ts';
import { searchParts } from './search-parts.ts';

/** Of fields that score once more; taken times the length of the page, as all fields of a connection are. */
const COUNT_COST = 10;
const OVERLAP_COST = 30;

@Resolver()
export class SearchResolver {
  @Query(() => VideoSearchConnection, {
    description:
      'The videos that texts describe, best first; what is irrelevant is left out. A text holds of a video as much as of its best clip. A search is a snapshot: pages asked with `after` neither repeat nor skip a video.',
    complexity: searchCost,
  })
  async searchVideos(
    @Ctx() { services, signal }: Context,
    @Args(() => VideoSearchArguments) { first, filter, sort, ...search }: VideoSearchArguments,
  ): Promise<VideoSearchConnection> {
    const began = performance.now();
    const page = await searchVideos(
      await searchParts(services),
      { ...search, first: pageLength(first), filter: videoFilter(filter), orderBy: sort },
      signal,
    );
    services.metrics.searched((performance.now() - began) / 1000);
    const edges = page.edges.map(({ video, ...edge }) => ({ ...edge, node: video }));
    const { approximate, receipt, totalRelevant } = page;
    return {
      ...toConnection(edges, page.hasNextPage, search.after),
      ...{ approximate, count: totalRelevant },
      receipt: { candidates: receipt.scored, scan: receipt.scan, receipt },
    };
  }

  @Query(() => MomentSearchConnection, {
    description:
      'The moments that texts describe, of all videos, best first. All that is asked must hold of the same clip; neighbouring clips of which it does are one moment.',
    complexity: searchCost,
  })
  async searchMoments(
    @Ctx() { services, signal }: Context,
    @Args(() => MomentSearchArguments) { first, filter, ...search }: MomentSearchArguments,
  ): Promise<MomentSearchConnection> {
    const began = performance.now();
    const page = await searchMoments(
      await searchParts(services),
      { ...search, first: pageLength(first), filter: videoFilter(filter) },
      signal,
    );
    services.metrics.searched((performance.now() - began) / 1000);
    const edges = page.edges.map(({ video, ...edge }) => ({ ...edge, node: video }));
    return { ...toConnection(edges, page.hasNextPage, search.after), approximate: page.approximate };
  }

  @Query(() => SimilarVideoConnection, {
    description: 'The other videos, those most like a video, or a part of it, first.',
    complexity: searchCost,
  })
  async similarVideos(
    @Ctx() { services, signal }: Context,
    @Args(() => SimilarVideosArguments) { first, filter, ...search }: SimilarVideosArguments,
  ) {
    const page = await similarVideos(
      await searchParts(services),
      { ...search, first: pageLength(first), filter: videoFilter(filter) },
      signal,
    );
    const edges = page.edges.map(({ video, ...edge }) => ({ ...edge, node: video }));
    return toConnection(edges, page.hasNextPage, search.after);
  }

  @Query(() => Explanation, {
    description: 'How a text fits each clip of a video, and why a search finds it or not: a curve over time.',
    complexity: ({ childComplexity }) => INFERENCE_COST + childComplexity,
  })
  async explain(
    @Ctx() { services, signal }: Context,
    @Arg('id', () => ID, { description: 'The video.' }) id: string,
    @Arg('text', () => String, { description: 'What to look for.' }) text: string,
    @Arg('start', () => Float, { nullable: true, description: 'Only clips that end after this second.' })
    start?: number | null,
    @Arg('end', () => Float, { nullable: true, description: 'Only clips that begin before this second.' })
    end?: number | null,
  ): Promise<Explanation> {
    return explainVideo(await searchParts(services), { id, text, start, end }, signal);
  }
}

@Resolver(() => VideoSearchConnection)
export class VideoSearchConnectionResolver {
  @FieldResolver(() => Int, {
    description:
      'How many videos reach `minRelevance`, on all pages together, counted to where the search ends; 1,000 stands for 1,000 or more.',
    complexity: COUNT_COST,
  })
  totalRelevant(@Root() { count }: VideoSearchConnection): Promise<number> {
    return count();
  }
}

@Resolver(() => SearchReceiptType)
export class SearchReceiptResolver {
  @FieldResolver(() => Int, { description: 'Clips that the search ranges over.' })
  async clips(@Root() { receipt }: SearchReceiptType): Promise<number> {
    return (await receipt.searched()).clips;
  }

  @FieldResolver(() => Int, { description: 'Videos that the search ranges over.' })
  async videos(@Root() { receipt }: SearchReceiptType): Promise<number> {
    return (await receipt.searched()).videos;
  }

  @FieldResolver(() => Float, {
    description:
      'The share of this page that scoring every clip exactly puts there, too. It does score every clip: for checks, not for every search.',
    complexity: OVERLAP_COST,
  })
  overlap(@Root() { receipt }: SearchReceiptType): Promise<number> {
    return receipt.overlap();
  }
}
