import { Field, Float, ID, InputType, ObjectType } from 'type-graphql';
import type { LabelledClip } from '../../search/classify/score-labels.ts';
import { connectionType, edgeType } from './connection.ts';
import { ModelType } from './model.ts';
import { ClipType, VideoType } from './video.ts';

/** What an answer says of scores without patch features. */
export const APPROXIMATE =
  'Whether a score is an estimate: of some clip no patch features are kept (`PATCH_FEATURES=none`), so the text was not adapted to it.';
const NONE_OF_THESE =
  'How sure it is that none of the labels holds, 0 to 1: what the most confident of them leaves.';

@ObjectType({ description: 'How well a label fits a video, or a clip of it.' })
export class LabelScore {
  @Field(() => String, { description: 'The label, as it was given.' })
  label!: string;

  @Field(() => Float, {
    description: 'Softmax over the labels of this question: their probabilities add up to 1.',
  })
  probability!: number;

  @Field(() => Float, {
    description:
      'How far it holds by itself, whatever the other labels are: 0 to 1, of the best clip, as the `relevance` of a search.',
  })
  confidence!: number;

  @Field(() => Float, { description: 'X-CLIP’s own score of the text, averaged over the clips.' })
  logit!: number;

  @Field(() => Float, {
    description:
      'What the probability is computed from: the logit, and what the label’s examples add; without any the logit itself.',
  })
  score!: number;
}

@InputType({ description: 'Videos that show what a label means.' })
export class LabelExamplesInput {
  @Field(() => String, { description: 'One of the labels, as it is given there.' })
  label!: string;

  @Field(() => [ID], { description: 'Ids of videos of the library.' })
  videos!: string[];
}

@ObjectType({ description: 'A clip classified: a step of the timeline of labels.' })
export class ClipClassification extends ClipType {
  @Field(() => Float, { description: NONE_OF_THESE })
  noneOfThese!: number;

  /** What `labels` are computed from. */
  names!: string[];
  clip!: LabelledClip;
}

@ObjectType({ description: 'A video classified against labels.' })
export class Classification {
  @Field(() => VideoType, { description: 'The video.' })
  video!: VideoType;

  @Field(() => ModelType, { description: 'The model that says so.' })
  model!: ModelType;

  @Field(() => [LabelScore], { description: 'All labels, the most probable first.' })
  labels!: LabelScore[];

  @Field(() => LabelScore, { description: 'The most probable label.' })
  best!: LabelScore;

  @Field(() => Float, { description: NONE_OF_THESE })
  noneOfThese!: number;

  @Field(() => Boolean, { description: APPROXIMATE })
  approximate!: boolean;

  /** What the timeline is computed from. */
  names!: string[];
  labelled!: LabelledClip[];
}

export const ClassificationEdge = edgeType('Classification', () => Classification);
export const ClassificationConnection = connectionType('Classification', () => ClassificationEdge);
