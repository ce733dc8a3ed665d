import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTable } from '../../../../src/examine/bias/readers/table.js';
import { holds } from '../../../support/property.js';
import { thrown } from '../../../support/thrown.js';

const read = (text: string) => readTable(text, 'table.csv', ',', ['a', 'b']).map(({ cells }) => cells);

test('cells in quotes have commas, quotes and line breaks; other columns are ignored', () => {
  assert.equal(read('b,other,a\r\n"x, ""y""",1,\n"two\nlines",2,"z"\n'), [
    { a: '', b: 'x, "y"' },
    { a: 'z', b: 'two\nlines' },
  ]);
});

test('rows know the line that they begin in', () => {
  const rows = readTable('a,b\n"1\n2",3\n\n4,5', 'table.csv', ',', ['a']);
  assert.equal(
    rows.map(({ line }) => line),
    [2, 5],
  );
});

test('a table with tabs has no quotes', () => {
  const [row] = readTable('a\tb\n"x\ty"\n', 'table.tsv', '\t', ['a', 'b']);
  assert.equal(row!.cells, { a: '"x', b: 'y"' });
});

test('a byte order mark and bytes are read', () => {
  const [row] = readTable(new TextEncoder().encode('\ufeffa\n\u00e9\n'), 'table.csv', ',', ['a']);
  assert.equal(row!.cells, { a: '\u00e9' });
});

const WRONG: readonly (readonly [text: string, ...words: string[]])[] = [
  ['a\n1\n', 'table.csv', 'column b'],
  ['', 'column a'],
  ['a,b\n', 'no rows'],
  ['a,b\n1,2\n3\n', 'line 3', '1 cells', '2'],
  ['a,b\n1,"2\n', 'line 2', 'quote'],
  ['a,b\n1,2"3"\n', 'line 2', 'quote'],
  ['a,b\n1,"2" 3\n', 'line 2', 'quote'],
];

test('damaged tables are refused with the line', async () => {
  for (const [text, ...words] of WRONG) await thrown(() => read(text), 'invalid-file', ...words);
  const bytes = Uint8Array.of(0x61, 0xff);
  await thrown(() => readTable(bytes, 'table.csv', ',', ['a']), 'invalid-file', 'UTF-8');
  await thrown(() => readTable(3 as never, 'table.csv', ',', ['a']), 'invalid-option', 'table.csv');
});

test('a long cell with many quotes is read', () => {
  const [row] = read(`a,b\n1,"${'""'.repeat(5_000_000)}"`);
  assert.is(row!.b.length, 5_000_000);
  assert.is(readTable(`a\n${'x'.repeat(10_000_000)}`, 'table.tsv', '\t', ['a'])[0]!.cells.a.length, 1e7);
});

test('a long cell without its closing quote is refused at once', async () => {
  await thrown(() => read(`a,b\n1,"${'""x'.repeat(500_000)}`), 'invalid-file', 'quote');
});

test('what is written by the rules of RFC 4180 is read back', async () => {
  const cell = fc.string({ unit: fc.constantFrom('x', 'é', ',', '"', '\n', '\r', ' ', '\t') });
  const rows = fc.array(fc.tuple(cell, cell), { minLength: 1 });
  const written = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const check = async ([given, end]: readonly [[string, string][], string]) => {
    const text = [['a', 'b'], ...given].map((row) => row.map(written).join(',')).join(end);
    assert.equal(
      read(text),
      given.map(([a, b]) => ({ a, b })),
    );
  };
  await holds('tables', fc.tuple(rows, fc.constantFrom('\n', '\r\n', '\r')), check, 300);
});

test.run();
