import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

/** More states come with models that are fetched while the server runs. */
export const ModelState = { READY: 'READY' } as const;
export type ModelState = keyof typeof ModelState;

registerEnumType(ModelState, {
  name: 'ModelState',
  description: 'What the model is doing.',
  valuesConfig: { READY: { description: 'It is loaded and answers.' } },
});

@ObjectType('Model', { description: 'The X-CLIP checkpoint that this library is embedded with.' })
export class ModelType {
  @Field(() => String, { description: 'Its name: a hub name, a folder’s name, or `clipql-shapes`.' })
  name!: string;

  @Field(() => ID, { description: 'Identifies its weights, configuration, tokenizer and sampling.' })
  fingerprint!: string;

  @Field(() => Boolean, {
    description: 'Whether it is the small one that comes with ClipQL and knows drawn shapes only.',
  })
  bundled!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'What to know about this choice of model, if anything.',
  })
  notice!: string | null;

  @Field(() => ModelState, { description: 'What it is doing.' })
  state!: ModelState;

  @Field(() => Float, { description: 'How far loading is, 0 to 1.' })
  progress!: number;

  @Field(() => Int, { description: 'Frames it looks at in each clip.' })
  frames!: number;

  @Field(() => Int, { description: 'Numbers in an embedding.' })
  dimensions!: number;

  @Field(() => Float, {
    description: 'Share of the videos that are searchable, 0 to 1; 1 when there are none.',
  })
  coverage!: number;

  @Field(() => Boolean, {
    description: 'Whether `relevance` was fitted for this model; otherwise only its order means something.',
  })
  calibrated!: boolean;

  @Field(() => Float, { description: 'The `minRelevance` of searches that give none.' })
  minRelevance!: number;
}
