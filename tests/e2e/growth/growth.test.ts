import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countedWork, totalWork, type Work } from '../../support/counted_work.js';
import { ADAPTERS } from './adapters.js';
import { ARCHIVES } from './archives.js';
import { CHECKPOINTS } from './checkpoints.js';
import { EVALUATED } from './evaluated.js';
import { GENERATING } from './generating.js';
import { range } from './growth_case.js';
import { IMAGES } from './images.js';
import { MODELS } from './models.js';
import { SAVED } from './saved.js';
import { TEXT_FORMATS } from './text_formats.js';
import { TEXTS } from './texts.js';
import { TOKENIZERS } from './tokenizers.js';
import { WRITING } from './writing.js';

/** Each doubling adds at most this many times what the doubling before added: 2 and a logarithm; squares give 4. */
const MOST = 2.3;
const MOST_OF_SQUARES = 4.5;

for (const { title, size, quadratic, prepare } of [
  ...TOKENIZERS,
  ...CHECKPOINTS,
  ...MODELS,
  ...TEXT_FORMATS,
  ...GENERATING,
  ...TEXTS,
  ...EVALUATED,
  ...IMAGES,
  ...ARCHIVES,
  ...SAVED,
  ...ADAPTERS,
  ...WRITING,
]) {
  test(`${title}: twice as much is at most twice the work`, async () => {
    // The first call does what is done once. Its size is another, since results may be kept.
    const [warmUp, ...calls] = await Promise.all([size + 1, size, 2 * size, 4 * size].map(prepare));
    await warmUp!();
    const [one, two, four] = (await countedWork(calls)) as [Work, Work, Work];
    const growth = growthOf(totalWork(one), totalWork(two), totalWork(four));
    assert.ok(totalWork(two) > totalWork(one), 'the work grows');
    assert.ok(
      growth <= (quadratic === undefined ? MOST : MOST_OF_SQUARES),
      `each doubling adds ${growth.toFixed(2)} times as much:\n${largest(one, two, four)}`,
    );
  });
}

const growthOf = (one: number, two: number, four: number) => (four - two) / (two - one);

/** The functions whose work grows most. */
function largest(one: Work, two: Work, four: Work): string {
  return Array.from(four, ([name, most]) => [name, one.get(name) ?? 0, two.get(name) ?? 0, most] as const)
    .filter(([, one, two, four]) => growthOf(one, two, four) > MOST)
    .sort((a, b) => b[3] - a[3])
    .slice(0, 5)
    .map(([name, ...counts]) => `${name}: ${counts.join(', ')}`)
    .join('\n');
}

test('squares are seen', async () => {
  const works = await countedWork(
    [100, 200, 400].map((count) => () => {
      const list = range(count, (i) => i);
      while (list.length > 0) list.shift();
    }),
  );
  const [one, two, four] = works.map(totalWork) as [number, number, number];
  assert.ok(growthOf(one, two, four) > 3.5);
});

test.run();
