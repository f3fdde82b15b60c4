import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fieldExtensionsEstimator, getComplexity, simpleEstimator } from 'graphql-query-complexity';

/** Tokens of a GraphQL document; long lists belong into variables. */
export const MAX_TOKENS = 1000;
/** Bytes of a request's body: room for 1,000 labels as variables. */
export const MAX_BODY = 1024 * 1024;

/** Fields in fields; the deepest question the schema allows today needs 6. */
const MAX_DEPTH = 12;
/** Aliased fields, fragments written out. */
const MAX_ALIASES = 30;
/** Fields, fragments written out; the introspection query has about 150. */
const MAX_FIELDS = 1000;
/** One a field and row: about a page of 100 videos with everything. */
const MAX_COST = 5000;

/** What a search or classification costs beside its fields: about 10 run the machine hot for a second. */
export const INFERENCE_COST = 400;

/** The cost of a list field: that of one row, as often as the page has rows. */
export const pageCost = ({
  args,
  childComplexity,
}: {
  args: { first?: number | null };
  childComplexity: number;
}) => 1 + Math.max(1, args.first ?? 1) * childComplexity;

/** The cost of a search: each text beside the first half as much again. */
export function searchCost(estimate: {
  args: { first?: number | null; all?: unknown; any?: unknown; not?: unknown; sequence?: unknown };
  childComplexity: number;
}): number {
  const { all, any, not, sequence } = estimate.args;
  const more = [all, any, not, sequence].flatMap((texts) => texts ?? []).length;
  return INFERENCE_COST * (1 + more / 2) + pageCost(estimate);
}

interface Shape {
  depth: number;
  aliases: number;
  fields: number;
}

/**
 * Depth, aliased fields and fields of an operation with its fragments written out, each fragment measured once, so that
 * nested fragments cost no time. The document must have been validated: no fragment contains itself.
 */
function shapeOf(selections: SelectionSetNode, document: DocumentNode, known: Map<string, Shape>): Shape {
  const total: Shape = { depth: 0, aliases: 0, fields: 0 };
  for (const selection of selections.selections) {
    let shape: Shape = { depth: 0, aliases: 0, fields: 0 };
    if (selection.kind === Kind.FRAGMENT_SPREAD) shape = fragmentShape(selection.name.value, document, known);
    else if (selection.selectionSet) shape = shapeOf(selection.selectionSet, document, known);
    const isField = selection.kind === Kind.FIELD;
    // Introspection nests deeper than any question of ours, and is bounded by a rule of graphql-js.
    const introspection = isField && selection.name.value.startsWith('__');
    total.depth = Math.max(total.depth, introspection ? 1 : shape.depth + Number(isField));
    total.aliases += shape.aliases + Number(isField && selection.alias !== undefined);
    total.fields += shape.fields + Number(isField);
  }
  return total;
}

function fragmentShape(name: string, document: DocumentNode, known: Map<string, Shape>): Shape {
  const before = known.get(name);
  if (before) return before;
  const fragment = document.definitions.find(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
  );
  if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) throw new Error(`Fragment ${name} is not defined.`);
  const shape = shapeOf(fragment.selectionSet, document, known);
  known.set(name, shape);
  return shape;
}

function tooCostly(what: string, found: number, allowed: number): GraphQLError {
  return new GraphQLError(
    `The operation has ${what} ${found}; ${allowed} is allowed. Ask for less at once.`,
    {
      extensions: { code: 'TOO_COSTLY', http: { status: 400 } },
    },
  );
}

/** What an operation costs. Throws a GraphQLError `BAD_USER_INPUT` when its variables do not fit. */
function costOf(
  schema: GraphQLSchema,
  query: DocumentNode,
  operationName: string | null,
  variables: Record<string, unknown>,
): number {
  try {
    return getComplexity({
      schema,
      query,
      ...(operationName ? { operationName } : {}),
      variables,
      estimators: [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 1 })],
    });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new GraphQLError(error.message, { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } });
  }
}

/** An operation of a validated document, to be run with these variables. */
export interface LimitedOperation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  operationName: string | null;
  variables: Record<string, unknown>;
}

/** Throws a GraphQLError `TOO_COSTLY` for an operation that asks for too much, `BAD_USER_INPUT` for bad variables. */
export function checkLimits(
  schema: GraphQLSchema,
  { document, operation, operationName, variables }: LimitedOperation,
): void {
  const shape = shapeOf(operation.selectionSet, document, new Map());
  if (shape.depth > MAX_DEPTH) throw tooCostly('depth', shape.depth, MAX_DEPTH);
  if (shape.aliases > MAX_ALIASES) throw tooCostly('an alias count of', shape.aliases, MAX_ALIASES);
  if (shape.fields > MAX_FIELDS) throw tooCostly('a field count of', shape.fields, MAX_FIELDS);
  const cost = costOf(schema, document, operationName, variables);
  if (cost > MAX_COST) throw tooCostly('a cost of', cost, MAX_COST);
}

/** Refuses operations that ask for too much, before anything is resolved. */
export function costLimits(schema: GraphQLSchema): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ document, operation, operationName, request }) => {
        if (!operation) return; // Apollo answers that there is none of this name
        checkLimits(schema, { document, operation, operationName, variables: request.variables ?? {} });
      },
    }),
  };
}
