// Writes web/api/documents.ts: each operation of web/api/operations.graphql as a document typed by the schema.
// With --check it writes nothing and fails when the file is not current.
import { readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as documents from '@graphql-codegen/typed-document-node';
import * as operations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

const ROOT = new URL('../', import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), 'utf8');
const OUTPUT = 'web/api/documents.ts';

const generated = await codegen({
  filename: OUTPUT,
  schema: parse(read('schema/schema.graphql')),
  documents: [{ location: 'operations.graphql', document: parse(read('web/api/operations.graphql')) }],
  config: {
    scalars: { ID: 'string', DateTime: 'string', JSON: 'unknown' },
    enumsAsTypes: true,
    skipTypename: true,
    useTypeImports: true,
    optimizeDocumentNode: true,
  },
  plugins: [{ operations: {} }, { documents: {} }],
  pluginMap: { operations, documents },
});
const text = `// Written by "npm run documents" from operations.graphql and the schema.\n${generated}`;

if (!process.argv.includes('--check')) {
  writeFileSync(new URL(OUTPUT, ROOT), text);
} else if (read(OUTPUT) !== text) {
  console.error(`${OUTPUT} is not what the schema and operations.graphql say: run "npm run documents".`);
  process.exit(1);
}
