import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileFormat } from '../../../src/index.js';
import { randomSource } from '../../support/random.js';
import { thrown } from '../../support/thrown.js';

/** No text has its form, which only shows after hundreds of thousands of states: its rounds overlap in many ways. */
const LOOP = readFileSync(new URL('../../fuzz/corpus/regex/long-runs-in-a-loop', import.meta.url), 'utf8');

test('a format may have 60,000 states, and more if it is long', async () => {
  await thrown(() => compileFormat({ regex: LOOP }), 'invalid-option', /more than 6\d{4} states/);
  await compileFormat({ choices: Array.from({ length: 15_000 }, (_, i) => `choice ${i} of ${i * 7919}`) });
});

test('matching may take more states than compiling', async () => {
  const format = await compileFormat({ regex: '[ab]*a[ab]{30}' });
  // Which of the last 31 letters are a is another state almost everywhere.
  const random = randomSource(1);
  const letters = Array.from({ length: 70_000 }, () => (random.below(2) === 0 ? 'a' : 'b'));
  assert.ok(format.accepts(`${letters.join('')}a${'b'.repeat(30)}`));
});

test.run();
