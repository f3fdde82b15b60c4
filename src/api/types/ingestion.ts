import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { IngestionState as State } from '../../store/types.ts';
import { connectionType, edgeType } from './connection.ts';
import { DateTime } from './scalars.ts';

export const IngestionState = {
  QUEUED: 'QUEUED',
  RUNNING: 'RUNNING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  CANCELLED: 'CANCELLED',
} as const;

registerEnumType(IngestionState, {
  name: 'IngestionState',
  description: 'Where an ingestion stands.',
  valuesConfig: {
    QUEUED: { description: 'It waits for its turn.' },
    RUNNING: { description: 'It is being worked on.' },
    SUCCEEDED: { description: 'The video is searchable.' },
    FAILED: { description: '`error` says why.' },
    CANCELLED: { description: 'Its video was deleted before it ended.' },
  },
});

export const SourceKind = { UPLOAD: 'UPLOAD', PATH: 'PATH' } as const;

registerEnumType(SourceKind, {
  name: 'SourceKind',
  description: 'Where a video comes from.',
  valuesConfig: {
    UPLOAD: { description: 'Sent to `/uploads`; kept by the server.' },
    PATH: { description: 'A file in one of `MEDIA_DIRS`; read in place and never touched.' },
  },
});

@ObjectType({ description: 'What was given to `ingestVideo`.' })
export class IngestionSource {
  @Field(() => SourceKind, { description: 'Where the video comes from.' })
  kind!: keyof typeof SourceKind;

  @Field(() => String, { description: 'The file’s name.' })
  name!: string;
}

@ObjectType({ description: 'Why an ingestion failed.' })
export class IngestionError {
  @Field(() => String, { description: 'What it is, for programs: one of the codes of `extensions.code`.' })
  code!: string;

  @Field(() => String, { description: 'What it is, for people.' })
  message!: string;

  @Field(() => Boolean, { description: 'Whether trying again may help.' })
  retryable!: boolean;
}

@ObjectType('Ingestion', { description: 'The job that takes a source to an embedded video.' })
export class IngestionType {
  @Field(() => ID, { description: 'Its opaque id.' })
  id!: string;

  @Field(() => IngestionSource, { description: 'What was given.' })
  source!: IngestionSource;

  @Field(() => IngestionState, { description: 'Where it stands.' })
  state!: State;

  @Field(() => String, { nullable: true, description: 'What is being done: `hash`, `probe` or `embed`.' })
  stage!: string | null;

  @Field(() => Float, { description: 'How far it is, 0 to 1.' })
  progress!: number;

  @Field(() => Int, { description: 'How often it was begun.' })
  attempts!: number;

  @Field(() => Boolean, { description: 'Whether these bytes were known: `video` is the one there was.' })
  duplicate!: boolean;

  @Field(() => IngestionError, { nullable: true, description: 'Why it failed; null unless it did.' })
  error!: IngestionError | null;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null until then.' })
  finishedAt!: Date | null;
}

export const IngestionEdge = edgeType('Ingestion', () => IngestionType);
export const IngestionConnection = connectionType('Ingestion', () => IngestionEdge);
