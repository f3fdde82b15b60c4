import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Ingestion, Video } from '../../store/types.ts';
import type { Context } from '../context.ts';
import { FIRST, pageLength } from '../inputs.ts';
import { pageCost } from '../limits.ts';
import { toConnection } from '../types/connection.ts';
import { IngestionConnection, IngestionState, IngestionType } from '../types/ingestion.ts';
import { IngestVideoInput } from '../types/inputs.ts';
import { VideoType } from '../types/video.ts';

@Resolver(() => IngestionType)
export class IngestionResolver {
  @Query(() => IngestionType, {
    nullable: true,
    description: 'One ingestion; null when there is none with this id.',
  })
  ingestion(
    @Ctx() { services }: Context,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<Ingestion | null> {
    return services.store.ingestions.get(id);
  }

  @Query(() => IngestionConnection, { description: 'All ingestions, newest first.', complexity: pageCost })
  async ingestions(
    @Ctx() { services }: Context,
    @Arg('first', () => Int, FIRST) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor of the edge to go on after.' })
    after?: string | null,
    @Arg('state', () => IngestionState, { nullable: true, description: 'Only those in this state.' })
    state?: Ingestion['state'] | null,
  ) {
    const page = await services.store.ingestions.page({
      first: pageLength(first),
      after: after ?? null,
      state: state ?? null,
    });
    return toConnection(page.edges, page.hasNextPage, after);
  }

  @Mutation(() => IngestionType, {
    description:
      'Takes a video into the library. Answers at once; ask `ingestion` how it goes. Bytes that are known already end as `duplicate` of the video there is.',
  })
  ingestVideo(
    @Ctx() { services }: Context,
    @Arg('input', () => IngestVideoInput, { description: 'Where it comes from, and what to call it.' })
    input: IngestVideoInput,
  ): Promise<Ingestion> {
    return services.ingest.enqueue({ ...input, metadata: input.metadata ?? undefined });
  }

  @FieldResolver(() => VideoType, {
    nullable: true,
    description: 'The video, once the file is known to be one; null when it was removed since.',
  })
  video(@Ctx() { services }: Context, @Root() ingestion: Ingestion): Promise<Video | null> | null {
    return ingestion.videoId === null ? null : services.store.videos.get(ingestion.videoId);
  }
}
