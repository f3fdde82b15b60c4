import { Field, ID, InputType } from 'type-graphql';
import type { Json } from '../../store/types.ts';
import { JsonValue } from './scalars.ts';

@InputType({ description: 'A video to ingest: exactly one of `path` and `uploadId`.' })
export class IngestVideoInput {
  @Field(() => String, {
    nullable: true,
    description:
      'An absolute path in one of `MEDIA_DIRS`. It is read in place: never copied, moved or changed.',
  })
  path?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'A finished upload: the last segment of the URL that `/uploads` answered with.',
  })
  uploadId?: string | null;

  @Field(() => String, { nullable: true, description: 'A title; the file name without one.' })
  title?: string | null;

  @Field(() => [String], { nullable: true, description: 'Tags, at most 100.' })
  tags?: string[] | null;

  @Field(() => JsonValue, {
    nullable: true,
    description: 'A JSON object to keep with the video, at most 64 KiB.',
  })
  metadata?: Json;
}

@InputType({ description: 'What to change; what is left out stays.' })
export class UpdateVideoInput {
  @Field(() => String, { nullable: true, description: 'The new title.' })
  title?: string | null;

  @Field(() => [String], { nullable: true, description: 'The new tags, in place of all the old ones.' })
  tags?: string[] | null;

  @Field(() => JsonValue, { nullable: true, description: 'The new metadata, in place of the old.' })
  metadata?: Json;
}

@InputType('VideoFilter', { description: 'Which videos; all that is given must hold.' })
export class VideoFilterInput {
  @Field(() => [ID], { nullable: true, description: 'One of these.' })
  ids?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Carrying all of these tags.' })
  tags?: string[] | null;

  @Field(() => String, { nullable: true, description: 'With this in the title, letter case aside.' })
  title?: string | null;
}
