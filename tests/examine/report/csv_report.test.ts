import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CsvReportOptions, csvReport, type Examination, examine } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { holds } from '../../support/property.js';
import { shardedFiles } from '../../support/small_model.js';
import { thrown } from '../../support/thrown.js';

const model = await loadModel(await shardedFiles(), { build: 'simd' });
test.after(() => model.dispose());

/** Reads RFC 4180 one character at a time. */
function readCsv(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let i = 0; i < csv.length; i++) {
    const character = csv[i]!;
    if (isQuoted && character === '"' && csv[i + 1] === '"') cell += csv[++i];
    else if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) cell += character;
    else if (character === ',') {
      row.push(cell);
      cell = '';
    } else if (character === '\r' && csv[i + 1] === '\n') {
      i++;
      rows.push([...row, cell]);
      row = [];
      cell = '';
    } else cell += character;
  }
  assert.is(cell + row.join(), '', 'the last line ends with a line break');
  return rows;
}

/** The rows by the names of the first line. */
function records(csv: string): Record<string, string>[] {
  const [head, ...rows] = readCsv(csv);
  return rows.map((row) => {
    assert.is(row.length, head!.length);
    return Object.fromEntries(row.map((cell, i) => [head![i]!, cell]));
  });
}

const unguarded = (text: string) => text.replace(/^'(?='*(?:\s*[=+\-@＝]|[\t\r]))/, '');
const PIECES = [
  'a',
  ' b',
  '"',
  ',',
  '\r\n',
  '\n',
  '=1+1',
  ' -2',
  '@x',
  '+',
  '\t',
  '🙂',
  ';',
  "'",
  '\r',
  '＝1',
];
const TEXTS = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 12 })
  .map((all) => all.join(''));

test('rows read back are the fields of tokens, words and sentences', () =>
  holds(
    'CSV reports',
    TEXTS,
    async (text) => {
      const examination = await examine(model, text, { top: 2 });
      for (const rows of ['tokens', 'words', 'sentences'] as const) {
        const found = records(csvReport(examination, { rows }));
        const items = examination[rows] as readonly object[];
        assert.is(found.length, items.length);
        for (const [i, item] of items.entries()) {
          const { index, ...record } = found[i]!;
          assert.is(index, String(i));
          for (const [name, value] of Object.entries(item)) {
            if (name === 'top') continue;
            const cell = record[name]!;
            if (name === 'text') assert.is(unguarded(cell), value);
            else assert.is(cell === '' ? undefined : Number(cell), value);
          }
          for (const cell of Object.values(record)) {
            if (Number.isNaN(Number(cell))) assert.not.match(cell, /^\s*[=+\-@]|^[\t\r]/);
          }
        }
      }
      const [first] = records(csvReport(examination));
      const [{ top }] = examination.tokens as [Examination['tokens'][number]];
      assert.is(unguarded(first!.top1!), top[0]!.text);
      assert.is(Number(first!.top2Logprob), top[1]!.logprob);
    },
    60,
  ));

test('a wrong choice of rows is refused', async () => {
  const examination = await examine(model, 'a');
  const report = (options: unknown) => csvReport(examination, options as CsvReportOptions);
  await thrown(() => report({ rows: 'word' }), 'invalid-option', 'rows is "word"', "'words'");
  await thrown(() => report({ row: 'words' }), 'invalid-option', 'rows?');
});

test.run();
