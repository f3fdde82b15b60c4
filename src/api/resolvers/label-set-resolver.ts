import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ClipqlError } from '../../errors.ts';
import { checkLabelSet, checkLabelSetChange } from '../../search/classify/check-label-set.ts';
import type { LabelSet, ListedLabelSet, StoredLabel } from '../../store/types.ts';
import type { Context } from '../context.ts';
import { FIRST, pageLength } from '../inputs.ts';
import { pageCost } from '../limits.ts';
import { toConnection } from '../types/connection.ts';
import {
  CreateLabelSetInput,
  LabelSetConnection,
  LabelSetType,
  LabelType,
  UpdateLabelSetInput,
} from '../types/label-set.ts';

/** What the labels of a set cost beside their fields: they may be a thousand. */
const LABELS_COST = 40;

const noLabelSet = () =>
  new ClipqlError('NOT_FOUND', 'There is no label set with this id. `labelSets` lists them.');

@Resolver(() => LabelSetType)
export class LabelSetResolver {
  @Query(() => LabelSetType, {
    nullable: true,
    description: 'One label set; null when there is none with this id.',
  })
  labelSet(
    @Ctx() { services }: Context,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<LabelSet | null> {
    return services.store.labelSets.get(id);
  }

  @Query(() => LabelSetConnection, {
    description: 'The label sets, newest first, then those that are built in.',
    complexity: pageCost,
  })
  async labelSets(
    @Ctx() { services }: Context,
    @Arg('first', () => Int, FIRST) first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor of the edge to go on after.' })
    after?: string | null,
  ) {
    const { edges, hasNextPage } = await services.store.labelSets.page({
      first: pageLength(first),
      after: after ?? null,
    });
    return toConnection(edges, hasNextPage, after);
  }

  @Mutation(() => LabelSetType, { description: 'Keeps a list of labels under a name.' })
  createLabelSet(
    @Ctx() { services }: Context,
    @Arg('input', () => CreateLabelSetInput, { description: 'The label set.' }) input: CreateLabelSetInput,
  ): Promise<LabelSet> {
    return services.store.labelSets.create(checkLabelSet(input));
  }

  @Mutation(() => LabelSetType, { description: 'Changes a label set. Built-in ones stay as they are.' })
  async updateLabelSet(
    @Ctx() { services }: Context,
    @Arg('id', () => ID, { description: 'The label set.' }) id: string,
    @Arg('input', () => UpdateLabelSetInput, { description: 'What to change.' }) input: UpdateLabelSetInput,
  ): Promise<LabelSet> {
    const { labelSets } = services.store;
    const before = await labelSets.get(id);
    const after = before && (await labelSets.update(id, checkLabelSetChange(before, input)));
    if (!after) throw noLabelSet();
    return after;
  }

  @Mutation(() => ID, {
    description: 'Removes a label set, not the videos that are its examples. Answers with the id.',
  })
  async deleteLabelSet(
    @Ctx() { services }: Context,
    @Arg('id', () => ID, { description: 'The label set.' }) id: string,
  ): Promise<string> {
    if (!(await services.store.labelSets.delete(id))) throw noLabelSet();
    return id;
  }

  // Lists come without them.
  @FieldResolver(() => [LabelType], {
    description: 'Its labels, in order.',
    complexity: ({ childComplexity }) => LABELS_COST + childComplexity,
  })
  async labels(
    @Ctx() { services }: Context,
    @Root() set: ListedLabelSet & Partial<LabelSet>,
  ): Promise<StoredLabel[]> {
    return set.labels ?? (await services.store.labelSets.get(set.id))?.labels ?? [];
  }
}
