import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLabels } from '#src/cli/labels/read-labels.js';

const bytes = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding);
const read = (text: string, table = false) => readLabels(bytes(text), { table });
const plain = (...labels: string[]) => labels.map((label) => ({ label, texts: [], examples: [] }));

test('a plain list has a label on each line', () => {
  expect(read('a dog\r\n\n  a "cat", or two \ra bird').labels).toEqual(
    plain('a dog', 'a "cat", or two', 'a bird'),
  );
  expect(read('\ufeffa dog\n').labels).toEqual(plain('a dog'));
  expect(read('"quite\na dog', true).labels).toEqual(plain('"quite', 'a dog'));
  expect(read('').labels).toEqual([]);
});

test('in a table the rows of a label add to it', () => {
  const rows = [
    'Label,example,TEXT,since',
    'dog,v1,a puppy,1990',
    'cat',
    '',
    ',,,',
    ' dog ,v2,"a ""hound"", big",',
    'dog,v1,,',
  ];
  for (const delimiter of [',', ';', '\t']) {
    const content = rows.join('\r\n').replaceAll(',', delimiter);
    expect(read(`\ufeff${content}`)).toEqual({
      labels: [
        { label: 'dog', texts: ['a puppy', `a "hound"${delimiter} big`], examples: ['v1', 'v2'] },
        { label: 'cat', texts: [], examples: [] },
      ],
      ignored: ['since'],
    });
  }
  expect(read('"label"\n"a\nb"\nc').labels).toEqual(plain('a\nb', 'c'));
});

test.each([
  ['name,class\ndog,1', true, 'no column "label" in its first line: name, class'],
  ['text,example\ndog,1', false, 'no column "label"'],
  ['label,text,text\ndog,1,2', false, 'two columns "text"'],
  ['label,text\ndog,a\n,b', false, 'no label in line 3'],
  ['label,text\ndog,a,b', false, 'not a table: Invalid Record Length'],
  ['label,text\ndog,"a', false, 'not a table: Quote Not Closed'],
])('refuses %#', (text, table, message) => {
  expect(() => read(text, table)).toThrow(message);
});

test('what is not UTF-8 is refused', () => {
  expect(() => readLabels(bytes('label\ncaf\u00e9', 'latin1'), { table: true })).toThrow('not UTF-8');
  expect(() => readLabels(bytes('\ufefflabel\nx', 'utf16le'), { table: true })).toThrow('not UTF-8');
});

test('any label and text that CSV can hold comes back', () => {
  const cell = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .map((text) => text.normalize('NFC').trim())
    .filter((text) => text !== '');
  const labels = fc.uniqueArray(fc.record({ label: cell, texts: fc.uniqueArray(cell, { minLength: 1 }) }), {
    selector: ({ label }) => label,
  });
  fc.assert(
    fc.property(labels, (given) => {
      const rows = given.flatMap(({ label, texts }) => texts.map((text) => [label, text]));
      const csv = stringify(rows, { header: true, columns: ['label', 'text'], quoted: true });
      expect(read(csv, true).labels).toEqual(given.map((label) => ({ ...label, examples: [] })));
    }),
  );
});
