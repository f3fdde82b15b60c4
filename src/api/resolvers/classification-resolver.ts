import { Arg, Ctx, Float, ID, Query, Resolver } from 'type-graphql';
import { classifyVideo } from '../../search/classify-video.ts';
import type { Context } from '../context.ts';
import { INFERENCE_COST } from '../limits.ts';
import { Classification, type LabelScore } from '../types/classification.ts';
import { modelOf } from './model-fields.ts';
import { searchParts } from './search-parts.ts';

@Resolver()
export class ClassificationResolver {
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
        'What it may be, 1 to 1,000 different texts: `["programming course", "eating spaghetti"]`. Exactly one of `labels` and `labelSet`.',
    })
    labels?: string[] | null,
    @Arg('labelSet', () => ID, { nullable: true, description: 'A label set, in place of `labels`.' })
    labelSet?: string | null,
    @Arg('template', () => String, {
      nullable: true,
      description: 'A text around each label, with `{}` once: `a video of {}`.',
    })
    template?: string | null,
    @Arg('templates', () => [String], {
      nullable: true,
      description:
        'Several templates, at most 20, in place of `template`: a label stands for the mean of its texts (an ensemble). Either takes the place of the label set’s own; an empty list leaves the texts as they are.',
    })
    templates?: string[] | null,
    @Arg('start', () => Float, { nullable: true, description: 'Only clips that end after this second.' })
    start?: number | null,
    @Arg('end', () => Float, { nullable: true, description: 'Only clips that begin before this second.' })
    end?: number | null,
  ): Promise<Classification> {
    const request = { id, labels, labelSet, template, templates, start, end };
    const parts = await searchParts(services);
    const began = performance.now();
    const result = await classifyVideo(parts, request, signal);
    services.metrics.classified((performance.now() - began) / 1000);
    const model = await modelOf(services, parts.model.fingerprint);
    return { ...result, model, best: result.labels[0] as LabelScore };
  }
}
