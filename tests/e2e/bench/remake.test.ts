import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { blocksOf, dateOf, withBody } from '../../../bench/lib/remake/blocks.mjs';
import { changes } from '../../../bench/lib/remake/changes.mjs';
import { textOf } from '../docs/code_blocks.js';

const PAGE = `# Figures

## Speed

Prose with $& and | bars |.

<!-- measured by: npm run bench -->

Measured on 2026-01-02 by a machine

| engine | threads | tokens/s |
|---|---|---|
| ours | 1 | 10.0 (9.0 to 11.0) |

<!-- end -->

## Memory

<!-- measured by: node measure.mjs -->
<!-- end -->
`;

test('the blocks of a page have their commands, headings and days', () => {
  const blocks = blocksOf(PAGE);
  assert.equal(
    blocks.map(({ command, heading }) => [heading, command]),
    [
      ['Speed', 'npm run bench'],
      ['Memory', 'node measure.mjs'],
    ],
  );
  assert.equal(blocks.map(dateOf), ['2026-01-02', undefined]);
});

test('a block gets another body, and all else of the page stays', () => {
  const page = withBody(PAGE, 'node measure.mjs', "\n$& and $1, '$'\n\n");
  assert.is(blocksOf(page)[1]!.body, "\n$& and $1, '$'\n\n");
  assert.is(withBody(page, 'node measure.mjs', ''), PAGE);
});

const row = (...cells: string[]) =>
  `| engine | threads | tokens/s | MB |\n|---|---|---|---|\n| ${cells.join(' | ')} |\n`;

test('a figure has changed if its spread does not meet the old one', () => {
  const before = row('ours', '1', '10.0 (9.0 to 11.0)', '100');
  assert.equal(changes(before, row('ours', '1', '8.9 (8.0 to 9.0)', '109')), []);
  assert.equal(changes(before, row('ours', '1', '8.0 (7.0 to 8.9)', '111')), [
    'ours 1: tokens/s: 10.0 (9.0 to 11.0) -> 8.0 (7.0 to 8.9) (0.80 x)',
    'ours 1: MB: 100 -> 111 (1.11 x)',
  ]);
});

test('rows and tables that were not there are named', () => {
  const before = row('ours', '1', '10.0', '100');
  assert.equal(changes(before, row('theirs', '1', '10.0', '100')), ['new row: theirs | 1 | 10.0 | 100']);
  assert.equal(changes('', before), ['new table: engine | threads | tokens/s | MB']);
});

test('every table of docs/benchmarks.md is in a block, and commands are not repeated', () => {
  const page = textOf('docs/benchmarks.md');
  const blocks = blocksOf(page);
  const rest = blocks.reduce((text, { command }) => withBody(text, command, ''), page);
  assert.not.match(rest, /^\|/m);
  assert.is(new Set(blocks.map(({ command }) => command)).size, blocks.length);
});

test.run();
