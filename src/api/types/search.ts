import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { SearchReceipt } from '../../search/ranking/receipt.ts';
import { APPROXIMATE } from './classification.ts';
import { connectionType, PageInfo } from './connection.ts';
import { ClipType, VideoType } from './video.ts';

@ObjectType({ description: 'A part of a video that matches: neighbouring clips that do are one moment.' })
export class Moment {
  @Field(() => Float, { description: 'Where it begins, in seconds.' })
  start!: number;

  @Field(() => Float, { description: 'Where it ends (exclusive), in seconds.' })
  end!: number;

  @Field(() => Float, { description: 'X-CLIP’s own score (logit) of the text and its best clip.' })
  score!: number;

  @Field(() => Float, { description: 'How far its best clip is about the text, 0 to 1.' })
  relevance!: number;

  @Field(() => String, { nullable: true, description: 'The text it matches; null: several together.' })
  text!: string | null;

  @Field(() => ClipType, { description: 'Its most relevant clip.' })
  clip!: ClipType;
}

@ObjectType({ description: 'A video that a search found.' })
export class VideoSearchEdge {
  @Field(() => String, { description: 'Give it as `after` to get what follows.' })
  cursor!: string;

  @Field(() => VideoType, { description: 'The video.' })
  node!: VideoType;

  @Field(() => Float, {
    description:
      'The best score (logit) among its clips; of several texts that of the weakest that must hold. Scores compare within one answer and one model only.',
  })
  score!: number;

  @Field(() => Float, {
    description:
      'From 0 (it does not hold) to 1, made so that one threshold serves all texts of a model. Of several texts: AND is the least, OR the greatest, NOT the rest to 1.',
  })
  relevance!: number;

  @Field(() => [Moment], {
    description:
      'Where in the video it matches: first the steps of a sequence in their order, then the rest, best first.',
  })
  moments!: Moment[];
}

export const Scan = { FULL: 'FULL', INDEX: 'INDEX' } as const;
registerEnumType(Scan, {
  name: 'Scan',
  description: 'How the nearest clips are found.',
  valuesConfig: {
    FULL: { description: 'All clips were looked at: none is missed.' },
    INDEX: { description: 'By an approximate index, which may miss some.' },
  },
});

@ObjectType('SearchReceipt', { description: 'What was looked at for a page of a search.' })
export class SearchReceiptType {
  @Field(() => Int, { description: 'Pairs of text and clip that were scored for this page.' })
  candidates!: number;

  @Field(() => Scan, { description: 'How the candidates were found.' })
  scan!: keyof typeof Scan;

  /** What the other fields are computed from when they are asked for. */
  receipt!: SearchReceipt;
}

@ObjectType({ description: 'A page of what a search found (Relay cursor connections).' })
export class VideoSearchConnection {
  @Field(() => [VideoSearchEdge], { description: 'What is on this page.' })
  edges!: VideoSearchEdge[];

  @Field(() => PageInfo, { description: 'Where this page lies in the list.' })
  pageInfo!: PageInfo;

  @Field(() => Boolean, { description: APPROXIMATE })
  approximate!: boolean;

  @Field(() => SearchReceiptType, { description: 'What was looked at.' })
  receipt!: SearchReceiptType;

  /** Counts when asked to. */
  count!: () => Promise<number>;
}

@ObjectType({ description: 'A moment that a search found.' })
export class MomentSearchEdge {
  @Field(() => String, { description: 'Give it as `after` to get what follows.' })
  cursor!: string;

  @Field(() => VideoType, { description: 'The video it is in.' })
  node!: VideoType;

  @Field(() => Moment, { description: 'Where in the video.' })
  moment!: Moment;
}

@ObjectType({ description: 'A page of moments (Relay cursor connections).' })
export class MomentSearchConnection {
  @Field(() => [MomentSearchEdge], { description: 'What is on this page.' })
  edges!: MomentSearchEdge[];

  @Field(() => PageInfo, { description: 'Where this page lies in the list.' })
  pageInfo!: PageInfo;

  @Field(() => Boolean, { description: APPROXIMATE })
  approximate!: boolean;
}

@ObjectType({ description: 'A video that looks like another.' })
export class SimilarVideoEdge {
  @Field(() => String, { description: 'Give it as `after` to get what follows.' })
  cursor!: string;

  @Field(() => VideoType, { description: 'The video.' })
  node!: VideoType;

  @Field(() => Float, {
    description: 'The cosine of its most similar clip to the mean of what it is compared with, −1 to 1.',
  })
  similarity!: number;

  @Field(() => ClipType, { description: 'That clip.' })
  clip!: ClipType;
}

export const SimilarVideoConnection = connectionType('SimilarVideo', () => SimilarVideoEdge);

@ObjectType({ description: 'How a text fits one clip.' })
export class ClipExplanation extends ClipType {
  @Field(() => Float, {
    description: 'Of the text’s and the clip’s embedding: by it a search finds its candidates.',
  })
  cosine!: number;

  @Field(() => Float, { description: 'X-CLIP’s own score, the text adapted to the clip.' })
  logit!: number;

  @Field(() => Float, {
    description: 'What the logit is measured against: how well the clip fits texts in general.',
  })
  background!: number;

  @Field(() => Float, { description: 'How far the clip is about the text, 0 to 1.' })
  relevance!: number;
}

@ObjectType({ description: 'How a text fits a video, clip by clip.' })
export class Explanation {
  @Field(() => VideoType, { description: 'The video.' })
  video!: VideoType;

  @Field(() => [ClipExplanation], { description: 'Its clips, in order of time.' })
  clips!: ClipExplanation[];

  @Field(() => Boolean, { description: APPROXIMATE })
  approximate!: boolean;
}
