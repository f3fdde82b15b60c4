import { Field, Float, ObjectType } from 'type-graphql';
import { ModelType } from './model.ts';
import { VideoType } from './video.ts';

/** What an answer says of scores without patch features. */
export const APPROXIMATE =
  'Whether a score is an estimate: of some clip no patch features are kept (`PATCH_FEATURES=none`), so the text was not adapted to it.';

@ObjectType({ description: 'How well a label fits a video.' })
export class LabelScore {
  @Field(() => String, { description: 'The label, as it was given.' })
  label!: string;

  @Field(() => Float, {
    description: 'Softmax over the labels of this question: their probabilities add up to 1.',
  })
  probability!: number;

  @Field(() => Float, { description: 'X-CLIP’s own score, averaged over the clips.' })
  logit!: number;
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

  @Field(() => Boolean, { description: APPROXIMATE })
  approximate!: boolean;
}
