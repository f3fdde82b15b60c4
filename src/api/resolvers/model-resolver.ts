import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { NotEmbedded } from '../../store/embedding-jobs.ts';
import type { Video } from '../../store/types.ts';
import type { Context } from '../context.ts';
import { FIRST, pageLength } from '../inputs.ts';
import { pageCost } from '../limits.ts';
import { toConnection } from '../types/connection.ts';
import { ModelType, NotEmbeddedConnection, NotEmbeddedType } from '../types/model.ts';
import { VideoType } from '../types/video.ts';
import { activeModel, modelFields } from './model-fields.ts';

@Resolver(() => ModelType)
export class ModelResolver {
  @Query(() => ModelType, { description: 'The model that this library is embedded with.' })
  model(@Ctx() { services }: Context): Promise<ModelType> {
    return activeModel(services);
  }

  @Query(() => [ModelType], {
    description:
      'All models that this library has vectors of: the active one, then the one it goes over to, then earlier ones.',
  })
  async models(@Ctx() { services }: Context): Promise<ModelType[]> {
    return (await services.models.list()).map(modelFields);
  }

  @Mutation(() => ModelType, {
    description:
      'Makes another model the library’s, fetched from the hub when it is not on this machine. What is stored is embedded with it in the background while search goes on with the present one; then the library switches. Naming the active model stops a change that is under way.',
  })
  async activateModel(
    @Ctx() { services }: Context,
    @Arg('name', () => String, {
      description:
        'A hub name (`owner/name` or `owner/name@revision`), a folder on the server, or `bundled`.',
    })
    name: string,
    @Arg('now', () => Boolean, {
      defaultValue: false,
      description:
        'Switch as soon as it is loaded; videos not yet embedded with it are out of search until they are.',
    })
    now: boolean,
  ): Promise<ModelType> {
    const entered = await services.models.activate(name, { now });
    return modelFields(entered);
  }

  @Mutation(() => ID, {
    description:
      'Removes all vectors of a model that is neither active nor about to be. Its files in the hub’s cache stay. Answers with the fingerprint.',
  })
  async removeModel(
    @Ctx() { services }: Context,
    @Arg('fingerprint', () => ID, { description: 'Of the model.' }) fingerprint: string,
  ): Promise<string> {
    await services.models.remove(fingerprint);
    return fingerprint;
  }

  @FieldResolver(() => NotEmbeddedConnection, {
    description:
      'Videos that could not be embedded with this model, such as those whose file is gone. While there are any, the library goes over to it only by `activateModel(now: true)`.',
    complexity: pageCost,
  })
  async notEmbedded(
    @Ctx() { services }: Context,
    @Root() { fingerprint }: ModelType,
    @Arg('first', () => Int, FIRST) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor of the edge to go on after.' })
    after?: string | null,
  ) {
    const page = await services.store.ingestions.notEmbedded({
      model: fingerprint,
      first: pageLength(first),
      after: after ?? null,
    });
    return toConnection(page.edges, page.hasNextPage, after);
  }
}

@Resolver(() => NotEmbeddedType)
export class NotEmbeddedResolver {
  @FieldResolver(() => VideoType, {
    nullable: true,
    description: 'The video; null when it was removed since.',
  })
  video(@Ctx() { services }: Context, @Root() { videoId }: NotEmbedded): Promise<Video | null> {
    return services.store.videos.get(videoId);
  }
}
