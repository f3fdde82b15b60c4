import { ArgsType, Field, Float, ID, Int } from 'type-graphql';
import { FIRST } from '../inputs.ts';
import { LabelExamplesInput } from './classification.ts';
import { VideoFilterInput } from './inputs.ts';

/** What to classify against. */
@ArgsType()
class LabelArguments {
  @Field(() => [String], {
    nullable: true,
    description:
      'What it may be, 1 to 1,000 different texts: `["programming course", "eating spaghetti"]`. Exactly one of `labels` and `labelSet`.',
  })
  labels?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'A label set, in place of `labels`.' })
  labelSet?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A text around each label, with `{}` once: `a video of {}`.',
  })
  template?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Several templates, at most 20, in place of `template`: a label stands for the mean of its texts (an ensemble). Either takes the place of the label set’s own; an empty list leaves the texts as they are.',
  })
  templates?: string[] | null;

  @Field(() => [LabelExamplesInput], {
    nullable: true,
    description:
      'Videos that show what labels mean, beside those of the label set (few-shot, without training). A text that does not hold of its own examples counts for nothing beside them.',
  })
  examples?: LabelExamplesInput[] | null;
}

@ArgsType()
export class ClassifyVideoArguments extends LabelArguments {
  @Field(() => ID, { description: 'The video.' })
  id!: string;

  @Field(() => Float, { nullable: true, description: 'Only clips that end after this second.' })
  start?: number | null;

  @Field(() => Float, { nullable: true, description: 'Only clips that begin before this second.' })
  end?: number | null;
}

@ArgsType()
export class ClassifyVideosArguments extends LabelArguments {
  @Field(() => [ID], { nullable: true, description: 'These videos, at most 1,000.' })
  ids?: string[] | null;

  @Field(() => VideoFilterInput, { nullable: true, description: 'Only these videos.' })
  filter?: VideoFilterInput | null;

  @Field(() => Int, FIRST)
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The cursor of the edge to go on after.' })
  after?: string | null;
}
