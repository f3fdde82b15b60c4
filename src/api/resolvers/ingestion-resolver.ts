import {
  Arg,
  Ctx,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { ClipqlError } from '../../errors.ts';
import type { Ingestion, Video } from '../../store/types.ts';
import type { Context } from '../context.ts';
import { FIRST, fewIds, pageLength } from '../inputs.ts';
import { pageCost } from '../limits.ts';
import { toConnection } from '../types/connection.ts';
import {
  FolderIngestion,
  IngestionConnection,
  IngestionCounts,
  type IngestionError,
  IngestionState,
  IngestionType,
  IngestVideoResult,
} from '../types/ingestion.ts';
import { IngestFolderInput, IngestVideoInput, SegmentationInput } from '../types/inputs.ts';
import { VideoType } from '../types/video.ts';

/** Sources of one mutation. */
const MAX_SOURCES = 1000;

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
    @Arg('ids', () => [ID], { nullable: true, description: 'Only these, at most 100.' }) ids?:
      | string[]
      | null,
  ) {
    const page = await services.store.ingestions.page({
      first: pageLength(first),
      after: after ?? null,
      state: state ?? null,
      ids: fewIds(ids),
    });
    return toConnection(page.edges, page.hasNextPage, after);
  }

  @Mutation(() => IngestionType, {
    description:
      'Takes a video into the library. Answers at once; ask `ingestion` or subscribe to `ingestionUpdated` for how it goes. Bytes that are known already end as `duplicate` of the video there is.',
  })
  ingestVideo(
    @Ctx() { services }: Context,
    @Arg('input', () => IngestVideoInput, { description: 'Where it comes from, and what to call it.' })
    input: IngestVideoInput,
  ): Promise<Ingestion> {
    return services.ingest.enqueue({ ...input, metadata: input.metadata ?? undefined });
  }

  @Mutation(() => [IngestVideoResult], {
    description: `Takes up to ${MAX_SOURCES} videos into the library: an ingestion or an error for each, in their order. They come after what was asked for by itself.`,
  })
  async ingestVideos(
    @Ctx() { services }: Context,
    @Arg('inputs', () => [IngestVideoInput], { description: 'The sources.' }) inputs: IngestVideoInput[],
  ): Promise<{ ingestion?: Ingestion; error?: IngestionError }[]> {
    if (inputs.length > MAX_SOURCES) {
      const message = `${inputs.length} sources are too many at once; send at most ${MAX_SOURCES}.`;
      throw new ClipqlError('BAD_USER_INPUT', message);
    }
    const results = await services.ingest.enqueueAll(
      inputs.map((input) => ({ ...input, metadata: input.metadata ?? undefined })),
    );
    // An error as a value would be taken for a failure of the field.
    return results.map((one) => {
      if (!(one instanceof ClipqlError)) return { ingestion: one };
      const { code, message, retryable } = one;
      return { error: { code, message, retryable } };
    });
  }

  @Mutation(() => FolderIngestion, {
    description:
      'Takes what is new in a folder into the library, in the order of the names. Again: what came or changed since. These come after everything else that is asked for.',
  })
  ingestFolder(
    @Ctx() { services }: Context,
    @Arg('input', () => IngestFolderInput, { description: 'Which files.' }) input: IngestFolderInput,
  ): Promise<FolderIngestion> {
    return services.ingest.enqueueFolder({
      ...input,
      recursive: input.recursive ?? true,
      include: input.include ?? [],
      exclude: input.exclude ?? [],
      metadata: input.metadata ?? undefined,
    });
  }

  @Mutation(() => IngestionType, {
    description:
      'Ends an ingestion that waits or runs, within a second; what it has embedded is kept for 7 days, for a retry. One that has ended stays as it is.',
  })
  cancelIngestion(
    @Ctx() { services }: Context,
    @Arg('id', () => ID, { description: 'The ingestion.' }) id: string,
  ): Promise<Ingestion> {
    return services.ingest.cancel(id);
  }

  @Mutation(() => IngestionType, {
    description: 'Puts a failed or cancelled ingestion back into the queue; it goes on where it stopped.',
  })
  retryIngestion(
    @Ctx() { services }: Context,
    @Arg('id', () => ID, { description: 'The ingestion.' }) id: string,
  ): Promise<Ingestion> {
    return services.ingest.retry(id);
  }

  @Mutation(() => IngestionType, {
    description:
      'Cuts a video into other clips. Searches go on with those it has until the new ones are embedded; then they change in one step.',
  })
  resegmentVideo(
    @Ctx() { services }: Context,
    @Arg('id', () => ID, { description: 'The video.' }) id: string,
    @Arg('segmentation', () => SegmentationInput, { description: 'How to cut it.' })
    segmentation: SegmentationInput,
  ): Promise<Ingestion> {
    return services.ingest.resegment(id, segmentation);
  }

  @Subscription(() => IngestionType, {
    description:
      'One ingestion: how it is now, then every change of state, stage and progress until it has ended. Without `id` all that run now, then every change of any. By WebSocket at `/graphql` or server-sent events at `/graphql/stream`.',
    subscribe: ({ args, context }) => (context as Context).services.feed.subscribe(args.id ?? null),
  })
  ingestionUpdated(
    @Root() ingestion: Ingestion,
    @Arg('id', () => ID, { nullable: true, description: 'Only this ingestion.' }) _id?: string | null,
  ): Ingestion {
    return ingestion;
  }

  @FieldResolver(() => VideoType, {
    nullable: true,
    description: 'The video, once the file is known to be one; null when it was removed since.',
  })
  video(@Ctx() { services }: Context, @Root() ingestion: Ingestion): Promise<Video | null> | null {
    return ingestion.videoId === null ? null : services.store.videos.get(ingestion.videoId);
  }
}

@Resolver(() => IngestionConnection)
export class IngestionCountsResolver {
  @FieldResolver(() => IngestionCounts, {
    description: 'How many there are in each state, whatever the page.',
  })
  async counts(@Ctx() { services }: Context): Promise<IngestionCounts> {
    const { QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED } = await services.store.ingestions.counts();
    return { queued: QUEUED, running: RUNNING, succeeded: SUCCEEDED, failed: FAILED, cancelled: CANCELLED };
  }
}
