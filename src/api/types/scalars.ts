import { GraphQLScalarType } from 'graphql';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';

/** A point in time; the database and the resolvers use `Date`. */
export const DateTime = new GraphQLScalarType({
  ...GraphQLDateTime.toConfig(),
  description: 'A point in time in UTC, as RFC 3339: `2026-01-31T12:00:00.000Z`.',
});

/** Any JSON value. */
export const JsonValue = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  description: 'Any JSON value: an object, list, string, number, boolean or null.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
});
