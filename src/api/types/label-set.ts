import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionType, edgeType } from './connection.ts';
import { DateTime } from './scalars.ts';

const TEXTS =
  'What the model reads instead of the label; of several the mean of their embeddings. None: the label itself.';
const EXAMPLES = 'Ids of videos that show what it means.';
const TEMPLATES =
  'At most 20 texts around each label, with `{}` once; of several the mean of their embeddings. None: the label itself.';

@ObjectType('Label', { description: 'A text to classify against.' })
export class LabelType {
  @Field(() => String, { description: 'What it is called.' })
  label!: string;

  @Field(() => [String], { description: TEXTS })
  texts!: string[];

  @Field(() => [ID], { description: EXAMPLES })
  examples!: string[];
}

@ObjectType('LabelSet', { description: 'A named list of labels to classify against.' })
export class LabelSetType {
  @Field(() => ID, { description: 'Its id, for `classifyVideo(labelSet: …)`.' })
  id!: string;

  @Field(() => String, { description: 'Its name; no two have the same.' })
  name!: string;

  @Field(() => [String], { description: TEMPLATES })
  templates!: string[];

  @Field(() => Int, { description: 'How many labels it has.' })
  size!: number;

  @Field(() => Boolean, { description: 'Whether it is part of every library and cannot be changed.' })
  builtIn!: boolean;

  @Field(() => DateTime, { nullable: true, description: 'When it was created; null when it is built in.' })
  createdAt!: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it was changed last; null when it is built in.',
  })
  updatedAt!: Date | null;
}

@InputType({ description: 'A text to classify against.' })
export class LabelInput {
  @Field(() => String, { description: 'What to call it.' })
  label!: string;

  @Field(() => [String], { nullable: true, description: TEXTS })
  texts?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: `${EXAMPLES} At most 100; a video that is deleted is no example any more.`,
  })
  examples?: string[] | null;
}

@InputType({ description: 'A label set to keep.' })
export class CreateLabelSetInput {
  @Field(() => String, { description: 'A name that no other has, at most 100 characters.' })
  name!: string;

  @Field(() => [LabelInput], { description: '1 to 1,000 different labels.' })
  labels!: LabelInput[];

  @Field(() => [String], { nullable: true, description: TEMPLATES })
  templates?: string[] | null;
}

@InputType({ description: 'What to change; what is left out stays.' })
export class UpdateLabelSetInput {
  @Field(() => String, { nullable: true, description: 'The new name.' })
  name?: string | null;

  @Field(() => [LabelInput], {
    nullable: true,
    description: 'The new labels, in place of all the old ones, with their texts and examples.',
  })
  labels?: LabelInput[] | null;

  @Field(() => [String], { nullable: true, description: 'The new templates, in place of all the old ones.' })
  templates?: string[] | null;
}

export const LabelSetEdge = edgeType('LabelSet', () => LabelSetType);
export const LabelSetConnection = connectionType('LabelSet', () => LabelSetEdge);
