import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { NotEmbedded } from '../../store/embedding-jobs.ts';
import { connectionType, edgeType } from './connection.ts';

export const ModelState = {
  FETCHING: 'FETCHING',
  LOADING: 'LOADING',
  READY: 'READY',
  FAILED: 'FAILED',
} as const;

registerEnumType(ModelState, {
  name: 'ModelState',
  description: 'What a model is doing.',
  valuesConfig: {
    FETCHING: { description: 'Its files come from the hub; `progress` says how far they are.' },
    LOADING: {
      description:
        'It is being read and checked, or its weights are made in another precision; `progress` says how far they are.',
    },
    READY: { description: 'It answers.' },
    FAILED: { description: 'It cannot be used; `error` says why.' },
  },
});

@ObjectType('Model', { description: 'An X-CLIP checkpoint that this library is embedded with, or will be.' })
export class ModelType {
  @Field(() => String, { description: 'Its name: a hub name, a folder’s name, or `clipql-shapes`.' })
  name!: string;

  @Field(() => ID, {
    description: 'Identifies its weights, configuration, tokenizer and sampling; empty until they are there.',
  })
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
  state!: keyof typeof ModelState;

  @Field(() => Float, { description: 'How much of what it needs is here, 0 to 1.' })
  progress!: number;

  @Field(() => String, {
    nullable: true,
    description: 'Why it failed, or what it waits for; null when all is well.',
  })
  error!: string | null;

  @Field(() => Boolean, { description: 'Whether searches and classifications use it.' })
  active!: boolean;

  @Field(() => Boolean, {
    description: 'Whether the library goes over to it once all is embedded with it.',
  })
  incoming!: boolean;

  @Field(() => Int, { description: 'Frames it looks at in each clip; 0 until it is loaded.' })
  frames!: number;

  @Field(() => String, {
    description:
      'How it chooses them: `UNIFORM`, the middles of equal parts of the clip, or `WINDOW`, spread over four times as many consecutive frames in the middle of the clip.',
  })
  sampling!: string;

  @Field(() => Int, { description: 'Numbers in an embedding; 0 until it is loaded.' })
  dimensions!: number;

  @Field(() => Float, {
    description: 'Share of the videos that are embedded with it, 0 to 1; 1 when there are none.',
  })
  coverage!: number;

  @Field(() => Int, { description: 'Videos that are embedded with it.' })
  embedded!: number;

  @Field(() => String, {
    description: 'The arithmetic of its encoders for new clips: `fp32`, `fp16` or `int8`.',
  })
  precision!: string;

  @Field(() => String, { description: 'What computes: `cpu` or `cuda`.' })
  provider!: string;

  @Field(() => Boolean, {
    description: 'Whether `relevance` was fitted for this model; otherwise only its order means something.',
  })
  calibrated!: boolean;

  @Field(() => Float, { description: 'The `minRelevance` of searches that give none.' })
  minRelevance!: number;
}

@ObjectType('NotEmbedded', { description: 'A video that could not be embedded with a model.' })
export class NotEmbeddedType {
  videoId!: string;

  @Field(() => String, { description: 'Why, for programs: one of the codes of `extensions.code`.' })
  code!: NotEmbedded['code'];

  @Field(() => String, { description: 'Why, for people.' })
  message!: string;
}

export const NotEmbeddedEdge = edgeType('NotEmbedded', () => NotEmbeddedType);
export const NotEmbeddedConnection = connectionType('NotEmbedded', () => NotEmbeddedEdge);
