import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { IngestionState as State } from '../../store/types.ts';
import { connectionType, edgeType } from './connection.ts';
import { DateTime } from './scalars.ts';
import { WarningType } from './video.ts';

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
    CANCELLED: { description: 'It was cancelled, or its video deleted, before it ended.' },
  },
});

export const SourceKind = { UPLOAD: 'UPLOAD', PATH: 'PATH', URL: 'URL' } as const;

registerEnumType(SourceKind, {
  name: 'SourceKind',
  description: 'Where a video comes from.',
  valuesConfig: {
    UPLOAD: { description: 'Sent to `/uploads`; kept by the server.' },
    PATH: { description: 'A file in one of `MEDIA_DIRS`; read in place and never touched.' },
    URL: { description: 'Fetched from the web; kept by the server.' },
  },
});

@ObjectType({ description: 'What was given to `ingestVideo`.' })
export class IngestionSource {
  @Field(() => SourceKind, { description: 'Where the video comes from.' })
  kind!: keyof typeof SourceKind;

  @Field(() => String, { description: 'The file’s name, or the URL without credentials and query.' })
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

@ObjectType({ description: 'Why an attempt of an ingestion failed.' })
export class IngestionAttemptError extends IngestionError {
  @Field(() => Int, { description: 'Which attempt it was, from 1.' })
  attempt!: number;

  @Field(() => DateTime, { description: 'When it failed.' })
  at!: Date;
}

@ObjectType('Ingestion', { description: 'The job that takes a source to an embedded video.' })
export class IngestionType {
  @Field(() => ID, { description: 'Its opaque id.' })
  id!: string;

  @Field(() => IngestionSource, { description: 'What was given.' })
  source!: IngestionSource;

  @Field(() => IngestionState, { description: 'Where it stands.' })
  state!: State;

  @Field(() => String, {
    nullable: true,
    description: 'What is being done: `download`, `hash`, `probe`, `scenes` or `embed`.',
  })
  stage!: string | null;

  @Field(() => Float, { description: 'How far it is, 0 to 1.' })
  progress!: number;

  @Field(() => Int, { description: 'How often it was begun.' })
  attempts!: number;

  @Field(() => Boolean, { description: 'Whether these bytes were known: `video` is the one there was.' })
  duplicate!: boolean;

  @Field(() => IngestionError, { nullable: true, description: 'Why it failed; null unless it did.' })
  error!: IngestionError | null;

  @Field(() => [IngestionAttemptError], {
    description: 'Why attempts failed, the oldest first, also those after which it was tried again.',
  })
  errors!: IngestionAttemptError[];

  @Field(() => DateTime, {
    nullable: true,
    description:
      'When it is tried again by itself, after a failure that may pass; null unless it waits for that.',
  })
  retryAt!: Date | null;

  @Field(() => [WarningType], { description: 'What to know about it, such as `SEGMENTATION_KEPT`.' })
  warnings!: WarningType[];

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null until then.' })
  finishedAt!: Date | null;
}

export const IngestionEdge = edgeType('Ingestion', () => IngestionType);

@ObjectType({ description: 'How many ingestions there are in each state.' })
export class IngestionCounts {
  @Field(() => Int, { description: 'Waiting for their turn.' })
  queued!: number;

  @Field(() => Int, { description: 'Being worked on.' })
  running!: number;

  @Field(() => Int, { description: 'Ended well.' })
  succeeded!: number;

  @Field(() => Int, { description: 'Ended with an error.' })
  failed!: number;

  @Field(() => Int, { description: 'Ended by an admin.' })
  cancelled!: number;
}

@ObjectType({ description: 'A page of the ingestions (Relay cursor connections).' })
export class IngestionConnection extends connectionType('Ingestion', () => IngestionEdge) {}

@ObjectType({ description: 'What became of one source of `ingestVideos`: exactly one of the two.' })
export class IngestVideoResult {
  @Field(() => IngestionType, { nullable: true, description: 'Its ingestion.' })
  ingestion?: IngestionType | null;

  @Field(() => IngestionError, { nullable: true, description: 'Why it was not queued.' })
  error?: IngestionError | null;
}

@ObjectType({ description: 'What `ingestFolder` found.' })
export class FolderIngestion {
  @Field(() => Int, { description: 'Files that fit.' })
  found!: number;

  @Field(() => Int, {
    description: 'Files that are new, or whose last ingestion may go better now: they were queued.',
  })
  queued!: number;

  @Field(() => Int, { description: 'Files that are as they were when they were ingested, or queued.' })
  known!: number;

  @Field(() => [String], {
    description: 'Names of what could not be read, or leads out of `MEDIA_DIRS`; at most 100.',
  })
  skipped!: string[];
}
