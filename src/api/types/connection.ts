import { type ClassType, Field, ObjectType } from 'type-graphql';

@ObjectType({ description: 'Where a page lies in its list (Relay cursor connections).' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more follow: ask for them with `after: endCursor`.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether this page was asked for with `after`.' })
  hasPreviousPage!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'The cursor of the first edge; null on an empty page.',
  })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'The cursor of the last edge; null on an empty page.' })
  endCursor!: string | null;
}

/** The Relay edge type `<name>Edge` of a node type. */
export function edgeType<Node extends object>(name: string, node: () => ClassType<Node>) {
  const inWords = name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  @ObjectType(`${name}Edge`, { description: `A ${inWords} in a list, with its cursor.` })
  class Edge {
    @Field(() => String, { description: 'Give it as `after` to get what follows.' })
    cursor!: string;

    @Field(node, { description: `The ${inWords}.` })
    node!: Node;
  }
  return Edge;
}

/** The Relay connection type `<name>Connection` of an edge type. */
export function connectionType<Edge extends object>(name: string, edge: () => ClassType<Edge>) {
  @ObjectType(`${name}Connection`, { description: 'A page of a list (Relay cursor connections).' })
  class Connection {
    @Field(() => [edge()], { description: 'What is on this page.' })
    edges!: Edge[];

    @Field(() => PageInfo, { description: 'Where this page lies in the list.' })
    pageInfo!: PageInfo;
  }
  return Connection;
}

/** A page of edges as a connection; `after` is what it was asked with. */
export function toConnection<Edge extends { cursor: string }>(
  edges: Edge[],
  hasNextPage: boolean,
  after: string | null | undefined,
): { edges: Edge[]; pageInfo: PageInfo } {
  return {
    edges,
    pageInfo: {
      hasNextPage,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
