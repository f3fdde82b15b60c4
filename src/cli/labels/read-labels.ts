import { parse } from 'csv-parse/sync';

/** A label as the server takes it. */
export interface Label {
  label: string;
  texts: string[];
  examples: string[];
}

/** What is read of a file of labels. */
export interface LabelFile {
  labels: Label[];
  /** Columns that mean nothing here. */
  ignored: string[];
}

const COLUMNS = ['label', 'text', 'example'];
const DELIMITERS = [',', ';', '\t'];
const LINE_END = /\r\n|\r|\n/;

/**
 * Reads labels from a table with a column `label` and perhaps `text` and `example` (CSV, RFC 4180; also with semicolons
 * or tabs), in which rows of the same label add to it; or, unless it must be a `table`, from a plain list, one label a
 * line. Throws an Error that says what is wrong with the file.
 */
export function readLabels(bytes: Uint8Array, { table }: { table: boolean }): LabelFile {
  const content = decode(bytes);
  const [header = ''] = content.trimStart().split(LINE_END, 1);
  const delimiter = DELIMITERS.find((character) => header.includes(character)) ?? ',';
  const columns = header.split(delimiter).map((name) =>
    name
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .toLowerCase(),
  );
  if (columns.includes('label')) return readTable(content, delimiter, columns);
  if (columns.length > 1 && (table || columns.some((name) => COLUMNS.includes(name)))) {
    throw new Error(`has no column "label" in its first line: ${columns.join(', ')}.`);
  }
  const lines = content.split(LINE_END).map((line) => line.trim());
  const labels = lines.filter((line) => line !== '');
  return { labels: labels.map((label) => ({ label, texts: [], examples: [] })), ignored: [] };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('is not UTF-8 text. Save it as CSV in UTF-8.');
  }
}

function readTable(content: string, delimiter: string, columns: string[]): LabelFile {
  const twice = COLUMNS.find((name) => columns.indexOf(name) !== columns.lastIndexOf(name));
  if (twice) throw new Error(`has two columns "${twice}".`);
  const labels = new Map<string, Label>();
  for (const { record, info } of parseRows(content, delimiter)) {
    const [label, text, example] = COLUMNS.map((name) => record[columns.indexOf(name)] ?? '');
    if (!label) throw new Error(`has no label in line ${info.lines}.`);
    const key = label.normalize('NFC');
    const known = labels.get(key) ?? { label, texts: [], examples: [] };
    labels.set(key, known);
    if (text && !known.texts.includes(text)) known.texts.push(text);
    if (example && !known.examples.includes(example)) known.examples.push(example);
  }
  return { labels: [...labels.values()], ignored: columns.filter((name) => !COLUMNS.includes(name)) };
}

function parseRows(content: string, delimiter: string): { record: string[]; info: { lines: number } }[] {
  const options = { delimiter, trim: true, info: true, from: 2, relax_column_count_less: true } as const;
  try {
    return parse(content, {
      ...options,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    }) as never;
  } catch (error) {
    throw new Error(`is not a table: ${(error as Error).message}.`, { cause: error });
  }
}
