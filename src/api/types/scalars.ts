import { GraphQLError, GraphQLScalarType } from 'graphql';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';

/** A point in time; the database and the resolvers use `Date`. */
export const DateTime = new GraphQLScalarType({
  ...GraphQLDateTime.toConfig(),
  description: 'A point in time in UTC, as RFC 3339: `2026-01-31T12:00:00.000Z`.',
});

/** Levels of objects and lists; what goes through JSON deeper down overflows the stack of some that read it. */
export const MAX_DEPTH = 100;

const json = GraphQLJSON.toConfig();

/** Any JSON value. */
export const JsonValue = new GraphQLScalarType({
  ...json,
  parseValue: (value) => notTooDeep(json.parseValue?.(value)),
  parseLiteral: (node, variables) => notTooDeep(json.parseLiteral?.(node, variables)),
  description: `Any JSON value: an object, list, string, number, boolean or null; given, at most ${MAX_DEPTH} levels deep.`,
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
});

/** Level by level: recursion would overflow where this is to help. */
function notTooDeep(value: unknown): unknown {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) {
      throw new GraphQLError(`This JSON is nested more than ${MAX_DEPTH} levels deep. Make it flatter.`, {
        extensions: { code: 'BAD_USER_INPUT' },
      });
    }
    level = level.flatMap((one) => (one !== null && typeof one === 'object' ? Object.values(one) : []));
  }
  return value;
}
