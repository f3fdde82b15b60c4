import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';

/**
 * The rows of a CSV file (RFC 4180, UTF-8, first line the names of the columns, in any order), as texts by column, with
 * the line each stands in. Throws an Error for what cannot be read or lacks one of `columns`.
 */
export async function readTable(
  file: string,
  columns: string[],
): Promise<{ line: number; row: Record<string, string> }[]> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read: ${cause.code}.`, { cause });
  });
  let header: string[] = [];
  const options = {
    ...{ bom: true, trim: true, info: true, skip_empty_lines: true },
    columns: (names: string[]) => {
      header = names.map((name) => name.toLowerCase());
      return header;
    },
  } as const;
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(bytes, options) as never;
  } catch (error) {
    throw new Error(`${file} is not a table: ${(error as Error).message}.`, { cause: error });
  }
  for (const column of columns) {
    if (!header.includes(column)) throw new Error(`${file} has no column "${column}" in its first line.`);
  }
  return records.map(({ record, info }) => ({ line: info.lines, row: record }));
}
