import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { entropyBars, histogramSvg, rankBars, surprisalBars } from '../../../src/examine/report/histogram.js';

const tokens = [undefined, 0, 0.5, 1, 14.9, 15, 40].map((value) => ({
  ...{ id: 0, text: 'a', start: 0, end: 1, top: [] },
  ...(value !== undefined && { surprisal: value, entropy: value * Math.LN2 }),
}));

test('each scored token is counted once, in the bar of its bits', () => {
  for (const bars of [surprisalBars(tokens), entropyBars(tokens)]) {
    const counts = bars.filter(({ count }) => count > 0).map(({ label, count }) => [label, count]);
    assert.equal(counts, [
      ['0', 2],
      ['1', 1],
      ['14', 1],
      ['15+', 2],
    ]);
  }
  const bars = rankBars({ bins: { top10: 1, top100: 2, top1000: 3, rest: 4 } });
  assert.equal(
    bars.map(({ count }) => count),
    [1, 2, 3, 4],
  );
});

test('bars are as high as their counts, and said in words', () => {
  const svg = histogramSvg('A & B', [
    { label: '<1', count: 4 },
    { label: '2', count: 1 },
    { label: '3', count: 0 },
  ]);
  const heights = Array.from(svg.matchAll(/<rect[^>]* height="([\d.]+)"/g), ([, height]) => Number(height));
  assert.is(heights[0], 4 * heights[1]!);
  assert.is(heights[2], 0);
  assert.match(svg, 'aria-label="A &amp; B. &lt;1: 4 tokens, 2: 1 token"');
  assert.not.match(
    histogramSvg('none', rankBars({ bins: { top10: 0, top100: 0, top1000: 0, rest: 0 } })),
    'NaN',
  );
});

test.run();
