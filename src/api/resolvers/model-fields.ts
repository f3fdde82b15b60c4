import { ClipqlError } from '../../errors.ts';
import type { ModelStatus } from '../../models/list-models.ts';
import type { Services } from '../context.ts';
import { publicName } from '../public-name.ts';
import type { ModelType } from '../types/model.ts';

/** A model as clients see it. */
export function modelFields({ options, name, ...model }: ModelStatus): ModelType {
  const { precision, provider } = options;
  return { ...model, name: publicName(name), precision, provider };
}

/** The active model, or the first one to come. Throws `MODEL_NOT_READY` when nothing is known of any yet. */
export async function activeModel({ models }: Services): Promise<ModelType> {
  const [first] = await models.list();
  if (!first) throw new ClipqlError('MODEL_NOT_READY', 'The server has just started. Try again in a while.');
  return modelFields(first);
}
