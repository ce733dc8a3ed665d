import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { colouredText } from '../../../src/cli/examining/coloured_text.js';
import { positionBars } from '../../../src/cli/examining/position_bars.js';
import { examine } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';

const ESCAPE = '\u001b';
const STYLE = new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g');

test('the text is whole between its colours, which no line break is in, and commands no terminal', async () => {
  const model = await loadModel(storiesTiny, { build: 'simd' });
  const text = 'Once upon a time\r\n\r\nZed\u001b[2J saw\ta 🙂.';
  const found = colouredText(await examine(model, text));
  model.dispose();
  const plain = found.replace(STYLE, '');
  assert.ok(plain.startsWith('Once upon a time\n\nZed\u241b[2J saw\ta 🙂.\n\n'), plain);
  assert.match(plain, / top 10 {2} top 100 {2} top 1000 {2} others $/m);
  for (const line of found.split('\n')) {
    const styles = line.match(STYLE) ?? [];
    assert.ok(
      styles.every((style, i) => (style === '\u001b[0m') === (i % 2 === 1)),
      'each colour ends in its line',
    );
  }
  assert.ok(new Set(found.match(STYLE)).size > 3);
});

test('bars are as long as the mean surprisal', () => {
  const bucket = (from: number, to: number, perplexity: number) => ({
    ...{ from, to, tokens: 5, perplexity, mean: -Math.log(perplexity), standardError: undefined },
  });
  const [, ...rows] = positionBars([bucket(1, 1, 10_000), bucket(2, 2, 100), bucket(3, 4, 1)], 80)
    .trim()
    .split('\n');
  const lengths = rows.map((row) => row.split('█').length - 1);
  assert.equal(lengths, [40, 20, 0]);
  assert.match(rows[2]!, /^3-4 .* 1 \(5 tokens\)$/);
});

test.run();
