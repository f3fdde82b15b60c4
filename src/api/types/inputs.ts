import { Field, Float, ID, InputType } from 'type-graphql';
import type { Json } from '../../store/types.ts';
import { DateTime, JsonValue } from './scalars.ts';

@InputType('SegmentationInput', {
  description: 'How to cut a video into clips; what is left out is as usual.',
})
export class SegmentationInput {
  @Field(() => Float, { nullable: true, description: 'Seconds a clip is aimed at, 0.5 to 3600; usually 10.' })
  clipSeconds?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'The share of a clip that the next one repeats, 0 to 0.9; usually 0.',
  })
  overlap?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether clips end where scenes do. That takes one more pass over the file.',
  })
  scenes?: boolean | null;
}

@InputType({ description: 'A video to ingest: exactly one of `url`, `path` and `uploadId`.' })
export class IngestVideoInput {
  @Field(() => String, {
    nullable: true,
    description: 'A file on the web (http, https), or a page of a video site that the server is set up for.',
  })
  url?: string | null;

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

  @Field(() => String, {
    nullable: true,
    description: 'A title; without one the file’s name, or what its site calls it.',
  })
  title?: string | null;

  @Field(() => [String], { nullable: true, description: 'Tags, at most 100.' })
  tags?: string[] | null;

  @Field(() => JsonValue, {
    nullable: true,
    description: 'A JSON object to keep with the video, at most 64 KiB.',
  })
  metadata?: Json;

  @Field(() => SegmentationInput, {
    nullable: true,
    description: 'How to cut it into clips. A known video keeps its clips: the ingestion warns of that.',
  })
  segmentation?: SegmentationInput | null;
}

@InputType({ description: 'A folder to ingest.' })
export class IngestFolderInput {
  @Field(() => String, { description: 'An absolute path in one of `MEDIA_DIRS`.' })
  path!: string;

  @Field(() => Boolean, { nullable: true, description: 'Also what lies in its folders; true unless said.' })
  recursive?: boolean | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Globs relative to the folder, such as `2024/**/*.mp4`; unless said, the usual names of video files.',
  })
  include?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Globs of what to leave out.' })
  exclude?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Tags for each video, at most 100.' })
  tags?: string[] | null;

  @Field(() => JsonValue, { nullable: true, description: 'A JSON object to keep with each video.' })
  metadata?: Json;

  @Field(() => SegmentationInput, { nullable: true, description: 'How to cut them into clips.' })
  segmentation?: SegmentationInput | null;
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

@InputType('MetadataFilter', {
  description:
    'What must hold of a place in the metadata: all that is given, at least one. A value of another kind than asked does not match.',
})
export class MetadataFilterInput {
  @Field(() => [String], {
    description:
      'The keys to the place, from the outside in: `["camera", "name"]`; a number is a place in a list.',
  })
  path!: string[];

  @Field(() => JsonValue, { nullable: true, description: 'It is this value; `null` stands for a JSON null.' })
  equals?: Json;

  @Field(() => [JsonValue], { nullable: true, description: 'It is one of these values.' })
  in?: Json[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether there is anything.' })
  exists?: boolean | null;

  @Field(() => JsonValue, { nullable: true, description: 'A number or text that it is greater than.' })
  gt?: Json;

  @Field(() => JsonValue, { nullable: true, description: 'A number or text that it is not less than.' })
  gte?: Json;

  @Field(() => JsonValue, { nullable: true, description: 'A number or text that it is less than.' })
  lt?: Json;

  @Field(() => JsonValue, { nullable: true, description: 'A number or text that it is not greater than.' })
  lte?: Json;
}

@InputType('DurationFilter', { description: 'Seconds.' })
export class DurationFilterInput {
  @Field(() => Float, { nullable: true, description: 'At least so many.' })
  min?: number | null;

  @Field(() => Float, { nullable: true, description: 'At most so many.' })
  max?: number | null;
}

@InputType('DateFilter', { description: 'A stretch of time.' })
export class DateFilterInput {
  @Field(() => DateTime, { nullable: true, description: 'Not before this.' })
  from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Before this.' })
  to?: Date | null;
}

@InputType('VideoFilter', { description: 'Which videos; all that is given must hold.' })
export class VideoFilterInput {
  @Field(() => [ID], { nullable: true, description: 'One of these.' })
  ids?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'With one of these SHA-256 of the file’s bytes, in hexadecimal.',
  })
  sha256?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Carrying all of these tags.' })
  tags?: string[] | null;

  @Field(() => String, { nullable: true, description: 'With this in the title, letter case aside.' })
  title?: string | null;

  @Field(() => [String], { nullable: true, description: 'Carrying one of these tags.' })
  anyTags?: string[] | null;

  @Field(() => [MetadataFilterInput], {
    nullable: true,
    description: 'With metadata of which all of these hold.',
  })
  metadata?: MetadataFilterInput[] | null;

  @Field(() => DurationFilterInput, { nullable: true, description: 'As long as this.' })
  duration?: DurationFilterInput | null;

  @Field(() => DateFilterInput, { nullable: true, description: 'First seen then.' })
  createdAt?: DateFilterInput | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether searches find it: all its clips are embedded.',
  })
  searchable?: boolean | null;

  @Field(() => ID, { nullable: true, description: 'Embedded by the model with this fingerprint.' })
  embeddedBy?: string | null;
}
