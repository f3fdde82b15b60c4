import { Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.ts';
import { ModelType } from '../types/model.ts';
import { modelFields } from './model-fields.ts';

@Resolver()
export class ModelResolver {
  @Query(() => ModelType, { description: 'The model that this library is embedded with.' })
  model(@Ctx() { services }: Context): Promise<ModelType> {
    return modelFields(services);
  }
}
