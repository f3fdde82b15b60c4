import { ClipqlError } from '../../errors.ts';
import type { ModelStatus } from '../../models/list-models.ts';
import { publicName } from '../../models/public-name.ts';
import type { Services } from '../context.ts';
import type { ModelType } from '../types/model.ts';

/** A model as clients see it. */
export function modelFields({ options, name, ...model }: ModelStatus): ModelType {
  const { precision, provider } = options;
  return { ...model, name: publicName(name), precision, provider };
}

/** The model that a request was answered with. Throws `MODEL_NOT_READY` when it was removed meanwhile. */
export async function modelOf({ models }: Services, fingerprint: string): Promise<ModelType> {
  const listed = (await models.list()).find((model) => model.fingerprint === fingerprint);
  if (!listed) throw new ClipqlError('MODEL_NOT_READY', 'The model was removed meanwhile. Try again.');
  return modelFields(listed);
}

/** The active model, or the first one to come. Throws `MODEL_NOT_READY` when nothing is known of any yet. */
export async function activeModel({ models }: Services): Promise<ModelType> {
  const [first] = await models.list();
  if (!first) throw new ClipqlError('MODEL_NOT_READY', 'The server has just started. Try again in a while.');
  return modelFields(first);
}
