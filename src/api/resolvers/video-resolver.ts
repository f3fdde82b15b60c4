import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { noVideo } from '../../errors.ts';
import { cleanMetadata, cleanTags, cleanTitle } from '../../ingest/details.ts';
import { clipWindows } from '../../media/windows.ts';
import type { Video } from '../../store/types.ts';
import type { Context } from '../context.ts';
import { FIRST, pageLength, videoFilter } from '../inputs.ts';
import { pageCost } from '../limits.ts';
import { toConnection } from '../types/connection.ts';
import { UpdateVideoInput, VideoFilterInput } from '../types/inputs.ts';
import { ClipType, VideoConnection, VideoType } from '../types/video.ts';

/** Of each URL. */
const SIGNED =
  'Where reading needs a token (`READ_TOKEN`) the URL is signed: it needs no header, and is good for six hours.';

@Resolver(() => VideoType)
export class VideoResolver {
  @Query(() => VideoType, { nullable: true, description: 'One video; null when there is none with this id.' })
  video(
    @Ctx() { services }: Context,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<Video | null> {
    return services.store.videos.get(id);
  }

  @Query(() => VideoConnection, { description: 'The library, newest first.', complexity: pageCost })
  async videos(
    @Ctx() { services }: Context,
    @Arg('first', () => Int, FIRST) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor of the edge to go on after.' })
    after?: string | null,
    @Arg('filter', () => VideoFilterInput, { nullable: true, description: 'Only these videos.' })
    filter?: VideoFilterInput | null,
  ) {
    const page = await services.store.videos.page({
      first: pageLength(first),
      after: after ?? null,
      filter: videoFilter(filter),
    });
    return toConnection(page.edges, page.hasNextPage, after);
  }

  @Mutation(() => VideoType, { description: 'Changes what is known about a video.' })
  async updateVideo(
    @Ctx() { services }: Context,
    @Arg('id', () => ID, { description: 'The video.' }) id: string,
    @Arg('input', () => UpdateVideoInput, { description: 'What to change.' }) input: UpdateVideoInput,
  ): Promise<Video> {
    const video = await services.store.videos.update(id, {
      title: input.title == null ? undefined : cleanTitle(input.title),
      tags: input.tags == null ? undefined : cleanTags(input.tags),
      metadata: input.metadata == null ? undefined : cleanMetadata(input.metadata),
    });
    if (!video) throw noVideo();
    return video;
  }

  @Mutation(() => ID, {
    description:
      'Removes a video and all that belongs to it, and stops what runs for it. A file in `MEDIA_DIRS` stays. Answers with the id.',
  })
  async deleteVideo(
    @Ctx() { services }: Context,
    @Arg('id', () => ID, { description: 'The video.' }) id: string,
  ): Promise<string> {
    if (!(await services.ingest.deleteVideo(id))) throw noVideo();
    return id;
  }

  // Given by what its row says: no query per video.
  @FieldResolver(() => [ClipType], {
    description: 'Its clips, in order; none before its scenes are found, when it is cut at them.',
  })
  clips(@Root() { duration, segmentation, cuts }: Video): ClipType[] {
    return segmentation.scenes && !cuts ? [] : clipWindows(duration, segmentation, cuts);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: `Where it plays (byte ranges), on this server; null when its file is gone. ${SIGNED}`,
  })
  mediaUrl(@Ctx() { services }: Context, @Root() video: Video): Promise<string | null> {
    return services.urls.media(video);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: `Its first sampled frame as webp, on this server; null until it is made. ${SIGNED}`,
  })
  posterUrl(@Ctx() { services }: Context, @Root() video: Video): Promise<string | null> {
    return services.urls.poster(video);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'The frames the model saw as webp, in rows of 8, on this server; null until it is made. ' +
      `With \`clip=K\` added to the URL’s query those of clip K. ${SIGNED}`,
  })
  sheetUrl(@Ctx() { services }: Context, @Root() video: Video): Promise<string | null> {
    return services.urls.sheet(video);
  }
}
