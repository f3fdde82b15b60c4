import 'reflect-metadata';
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { AccessResolver } from './resolvers/access-resolver.ts';
import {
  ClassificationFieldsResolver,
  ClassificationResolver,
  ClipClassificationResolver,
} from './resolvers/classification-resolver.ts';
import { IngestionCountsResolver, IngestionResolver } from './resolvers/ingestion-resolver.ts';
import { LabelSetResolver } from './resolvers/label-set-resolver.ts';
import { ModelResolver, NotEmbeddedResolver } from './resolvers/model-resolver.ts';
import {
  SearchReceiptResolver,
  SearchResolver,
  VideoSearchConnectionResolver,
} from './resolvers/search-resolver.ts';
import { VideoResolver } from './resolvers/video-resolver.ts';

/** type-graphql asks for one, though each subscription brings its own source. */
const NO_PUB_SUB = {
  publish() {},
  subscribe(): never {
    throw new Error('A subscription has no source.');
  },
};

/** The GraphQL schema with its resolvers. */
export function buildApiSchema(): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [
      SearchResolver,
      VideoSearchConnectionResolver,
      SearchReceiptResolver,
      ClassificationResolver,
      ClassificationFieldsResolver,
      ClipClassificationResolver,
      LabelSetResolver,
      VideoResolver,
      IngestionResolver,
      IngestionCountsResolver,
      ModelResolver,
      NotEmbeddedResolver,
      AccessResolver,
    ],
    validate: false, // inputs.ts checks
    pubSub: NO_PUB_SUB,
  });
}

/** The schema as `schema/schema.graphql` keeps it, sorted. */
export const printApiSchema = (): string => `${printSchema(lexicographicSortSchema(buildApiSchema()))}\n`;
