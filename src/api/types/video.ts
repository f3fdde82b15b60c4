import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { Json } from '../../store/types.ts';
import { connectionType, edgeType } from './connection.ts';
import { DateTime, JsonValue } from './scalars.ts';

@ObjectType('Clip', {
  description: 'A time window of a video from which the model’s frames are sampled: what gets an embedding.',
})
export class ClipType {
  @Field(() => Int, { description: 'Its number in the video, from 0.' })
  index!: number;

  @Field(() => Float, { description: 'Where it begins, in seconds.' })
  start!: number;

  @Field(() => Float, { description: 'Where it ends (exclusive), in seconds.' })
  end!: number;
}

@ObjectType('Segmentation', { description: 'How a video is cut into clips.' })
export class SegmentationType {
  @Field(() => Float, { description: 'Seconds a clip is aimed at.' })
  clipSeconds!: number;

  @Field(() => Float, { description: 'The share of a clip that the next one repeats.' })
  overlap!: number;

  @Field(() => Boolean, { description: 'Whether clips end where scenes do.' })
  scenes!: boolean;
}

@ObjectType('Warning', { description: 'Something to know about a video that is nevertheless usable.' })
export class WarningType {
  @Field(() => String, { description: 'What it is, for programs: `TRUNCATED`, for example.' })
  code!: string;

  @Field(() => String, { description: 'What it is, for people.' })
  message!: string;
}

@ObjectType('Video', { description: 'One source file, identified by the SHA-256 of its bytes.' })
export class VideoType {
  @Field(() => ID, { description: 'Its opaque id.' })
  id!: string;

  @Field(() => String, { description: 'The SHA-256 of the file’s bytes, in hexadecimal.' })
  sha256!: string;

  @Field(() => String, { description: 'Its title; the file name unless another was given.' })
  title!: string;

  @Field(() => [String], { description: 'Its tags.' })
  tags!: string[];

  @Field(() => JsonValue, { description: 'Whatever was given with it; an empty object otherwise.' })
  metadata!: Json;

  @Field(() => Float, { description: 'Seconds from the first to the end of the last frame.' })
  duration!: number;

  @Field(() => Int, { description: 'Pixels, as displayed.' })
  width!: number;

  @Field(() => Int, { description: 'Pixels, as displayed.' })
  height!: number;

  @Field(() => Float, { nullable: true, description: 'Frames per second; null where the file does not say.' })
  frameRate!: number | null;

  @Field(() => DateTime, { description: 'When it was first seen.' })
  createdAt!: Date;

  @Field(() => Boolean, { description: 'Whether all its clips are embedded, so that searches find it.' })
  searchable!: boolean;

  @Field(() => SegmentationType, { description: 'How it is cut into clips.' })
  segmentation!: SegmentationType;

  @Field(() => [WarningType], { description: 'What to know about the file.' })
  warnings!: WarningType[];
}

export const VideoEdge = edgeType('Video', () => VideoType);
export const VideoConnection = connectionType('Video', () => VideoEdge);
