import { ArgsType, Field, Float, ID, Int, registerEnumType } from 'type-graphql';
import type { SearchOrder } from '../../search/ranking/order.ts';
import { FIRST } from '../inputs.ts';
import { VideoFilterInput } from './inputs.ts';

export const SearchSort = {
  RELEVANCE: 'RELEVANCE',
  NEWEST: 'NEWEST',
  OLDEST: 'OLDEST',
  LONGEST: 'LONGEST',
  SHORTEST: 'SHORTEST',
} as const satisfies Record<SearchOrder, SearchOrder>;

registerEnumType(SearchSort, {
  name: 'SearchSort',
  description: 'The order of the videos found. Any but `RELEVANCE` is of the 1,000 most relevant at most.',
  valuesConfig: {
    RELEVANCE: { description: 'The best match first.' },
    NEWEST: { description: 'What was ingested last first.' },
    OLDEST: { description: 'What was ingested first first.' },
    LONGEST: { description: 'By falling duration.' },
    SHORTEST: { description: 'By rising duration.' },
  },
});

/** What a page of a list is asked with. */
@ArgsType()
class PageArguments {
  @Field(() => Int, FIRST)
  first!: number | null;

  @Field(() => String, { nullable: true, description: 'The cursor of the edge to go on after.' })
  after?: string | null;

  @Field(() => VideoFilterInput, { nullable: true, description: 'Only among these videos.' })
  filter?: VideoFilterInput | null;
}

@ArgsType()
export class MomentSearchArguments extends PageArguments {
  @Field(() => String, {
    nullable: true,
    description: 'What happens, in plain words. Required unless `all` or `any` say it.',
  })
  text?: string | null;

  @Field(() => [String], { nullable: true, description: 'Each of these must hold, too.' })
  all?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'At least one of these must hold, too.' })
  any?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'None of these may hold.' })
  not?: string[] | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Leave out what is less relevant, 0 to 1; 0 gives everything back. Default: the model’s `minRelevance`. The same on every page.',
  })
  minRelevance?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'Whether to score as published; else by the plain cosine alone: quicker, an estimate.',
  })
  exact?: boolean | null;
}

@ArgsType()
export class VideoSearchArguments extends MomentSearchArguments {
  @Field(() => [String], {
    nullable: true,
    description: 'Texts that must hold one after the other, each of a later clip than the one before.',
  })
  sequence?: string[] | null;

  @Field(() => Float, {
    nullable: true,
    description: 'The last moment of `sequence` begins at most so many seconds after the first one.',
  })
  withinSeconds?: number | null;

  @Field(() => SearchSort, { nullable: true, defaultValue: SearchSort.RELEVANCE, description: 'The order.' })
  sort?: SearchOrder | null;
}

@ArgsType()
export class SimilarVideosArguments extends PageArguments {
  @Field(() => ID, { description: 'The video to compare with.' })
  id!: string;

  @Field(() => Float, { nullable: true, description: 'Only its clips that end after this second.' })
  start?: number | null;

  @Field(() => Float, { nullable: true, description: 'Only its clips that begin before this second.' })
  end?: number | null;
}
