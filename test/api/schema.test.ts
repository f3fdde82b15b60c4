import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printApiSchema } from '#src/api/schema.js';
import { startApp, type TestApp } from '../start-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.remove());

test('schema/schema.graphql is current: `npm run schema` writes it', () => {
  const written = readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
  expect(written).toBe(printApiSchema());
});

test('everything in the schema is documented', async () => {
  const { data } = await app.ask(`{ __schema { types { name description
    fields { name description args { name description } }
    inputFields { name description } enumValues { name description } } } }`);
  interface Named {
    name: string;
    description: string | null;
    [part: string]: Named[] | string | null;
  }
  const parts = ['fields', 'args', 'inputFields', 'enumValues'];
  const undocumented = (named: Named, path: string): string[] => [
    ...(named.description ? [] : [path]),
    ...parts.flatMap((part) =>
      ((named[part] ?? []) as Named[]).flatMap((child) => undocumented(child, `${path}.${child.name}`)),
    ),
  ];
  const types = (data.__schema.types as Named[]).filter(({ name }) => !name.startsWith('__'));
  expect(types.length).toBeGreaterThan(20);
  expect(types.flatMap((type) => undocumented(type, type.name))).toEqual([
    'Query',
    'Mutation',
    'Subscription',
  ]);
});

test('introspection as the tools ask it', async () => {
  const { getIntrospectionQuery, buildClientSchema } = await import('graphql');
  const { data, errors } = await app.ask(getIntrospectionQuery());
  expect(errors).toBeUndefined();
  expect(buildClientSchema(data).getQueryType()?.name).toBe('Query');
});
