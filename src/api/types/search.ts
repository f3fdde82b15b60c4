import { Field, Float, ObjectType } from 'type-graphql';
import { APPROXIMATE } from './classification.ts';
import { PageInfo } from './connection.ts';
import { VideoType } from './video.ts';

@ObjectType({ description: 'A clip of a video that matches the text.' })
export class Moment {
  @Field(() => Float, { description: 'Where it begins, in seconds.' })
  start!: number;

  @Field(() => Float, { description: 'Where it ends (exclusive), in seconds.' })
  end!: number;

  @Field(() => Float, { description: 'X-CLIP’s own score (logit) of the text and this clip.' })
  score!: number;
}

@ObjectType({ description: 'A video that a search found.' })
export class VideoSearchEdge {
  @Field(() => String, { description: 'Give it as `after` to get what follows.' })
  cursor!: string;

  @Field(() => VideoType, { description: 'The video.' })
  node!: VideoType;

  @Field(() => Float, {
    description:
      'The best score (logit) among its clips. Scores compare within one answer and one model only.',
  })
  score!: number;

  @Field(() => Float, {
    description:
      'From 0 (no better than any text) to 1, made so that one threshold serves all texts of a model.',
  })
  relevance!: number;

  @Field(() => [Moment], { description: 'Where in the video the text matches, best first; at most 4.' })
  moments!: Moment[];
}

@ObjectType({ description: 'A page of what a search found (Relay cursor connections).' })
export class VideoSearchConnection {
  @Field(() => [VideoSearchEdge], { description: 'What is on this page.' })
  edges!: VideoSearchEdge[];

  @Field(() => PageInfo, { description: 'Where this page lies in the list.' })
  pageInfo!: PageInfo;

  @Field(() => Boolean, { description: APPROXIMATE })
  approximate!: boolean;
}
