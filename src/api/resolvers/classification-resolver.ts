import { Arg, Args, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { type ClassificationResult, classifyVideo } from '../../search/classify/classify-video.ts';
import { classifyVideos } from '../../search/classify/classify-videos.ts';
import { labelScores, noneOfThese } from '../../search/classify/score-labels.ts';
import type { Context } from '../context.ts';
import { bothFilters, pageLength } from '../inputs.ts';
import { INFERENCE_COST, pageCost } from '../limits.ts';
import {
  Classification,
  ClassificationConnection,
  ClipClassification,
  LabelScore,
} from '../types/classification.ts';
import { ClassifyVideoArguments, ClassifyVideosArguments } from '../types/classification-arguments.ts';
import { toConnection } from '../types/connection.ts';
import type { ModelType } from '../types/model.ts';
import { modelOf } from './model-fields.ts';
import { searchParts } from './search-parts.ts';

/** Labels of a clip that its timeline tells, unless more are asked for. */
const USUAL_LABELS = 5;

@Resolver()
export class ClassificationResolver {
  @Query(() => Classification, {
    description:
      'How probable each of the labels is for a stored video, and how far each holds by itself. No training is needed: any text is a label.',
    complexity: ({ childComplexity }) => INFERENCE_COST + childComplexity,
  })
  async classifyVideo(
    @Ctx() { services, signal }: Context,
    @Args(() => ClassifyVideoArguments) request: ClassifyVideoArguments,
  ): Promise<Classification> {
    const parts = await searchParts(services);
    const began = performance.now();
    const result = await classifyVideo(parts, request, signal);
    services.metrics.classified((performance.now() - began) / 1000);
    return toClassification(result, await modelOf(services, parts.model.fingerprint));
  }

  @Query(() => ClassificationConnection, {
    description:
      'Classifies many videos against the same labels, newest first. What is not embedded yet is left out: `videos(filter: {searchable: false})` lists it.',
    complexity: (estimate) => INFERENCE_COST + pageCost(estimate),
  })
  async classifyVideos(
    @Ctx() { services, signal }: Context,
    @Args(() => ClassifyVideosArguments) { ids, filter, first, ...request }: ClassifyVideosArguments,
  ) {
    const parts = await searchParts(services);
    const began = performance.now();
    const page = await classifyVideos(
      parts,
      { ...request, filter: bothFilters(filter, ids), first: pageLength(first) },
      signal,
    );
    services.metrics.classified((performance.now() - began) / 1000);
    const model = await modelOf(services, parts.model.fingerprint);
    const edges = page.edges.map(({ cursor, node }) => ({ cursor, node: toClassification(node, model) }));
    return toConnection(edges, page.hasNextPage, request.after);
  }
}

function toClassification({ clips, ...result }: ClassificationResult, model: ModelType): Classification {
  const { labels } = result;
  return {
    ...{ ...result, model, labelled: clips },
    ...{ best: labels[0] as LabelScore, noneOfThese: noneOfThese(labels) },
  };
}

@Resolver(() => Classification)
export class ClassificationFieldsResolver {
  @FieldResolver(() => [ClipClassification], {
    description: 'The same of each clip, in order of time: the timeline of labels.',
  })
  clips(@Root() { names, labelled }: Classification): ClipClassification[] {
    return labelled.map((clip) => {
      const { index, start, end } = clip;
      return { index, start, end, names, clip, noneOfThese: noneOfThese(labelScores(names, [clip])) };
    });
  }
}

@Resolver(() => ClipClassification)
export class ClipClassificationResolver {
  @FieldResolver(() => [LabelScore], { description: 'The most probable labels of this clip.' })
  labels(
    @Root() { names, clip }: ClipClassification,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: USUAL_LABELS,
      description: 'At most so many.',
    })
    first: number | null,
  ): LabelScore[] {
    return labelScores(names, [clip]).slice(0, Math.max(0, first ?? USUAL_LABELS));
  }
}
