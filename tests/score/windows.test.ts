import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scoreWindows } from '../../src/score/windows.js';
import { freshSeed } from '../support/property.js';
import { randomSource } from '../support/random.js';

interface Golden {
  readonly max_length: number;
  readonly prefix_token: number;
  readonly cases: readonly {
    readonly ids: readonly number[];
    readonly windows: Readonly<Record<string, readonly { context: number[]; predict: number[] }[]>>;
  }[];
}

const path = new URL('../fixtures/lm/rolling.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));

test("windows are those of EleutherAI's harness for every length of context", () => {
  const { max_length: contextLength, prefix_token: start, cases } = golden;
  for (const { ids, windows } of cases) {
    const sequence = [start, ...ids];
    for (const [context, expected] of Object.entries(windows)) {
      const stride = contextLength - Number(context) + 1;
      const found = Array.from(scoreWindows(sequence.length, contextLength, stride), (window) => ({
        context: sequence.slice(window.start, window.first),
        predict: sequence.slice(window.first, window.end + 1),
      }));
      assert.equal(found, expected, `${ids.length} tokens, context ${context}`);
    }
  }
});

test('each token but the first is scored once, from as much context as the stride leaves', () => {
  const random = randomSource(2001);
  for (let round = 0; round < 2000; round++) {
    const contextLength = 1 + random.below(20);
    const stride = 1 + random.below(contextLength);
    const length = random.below(80);
    const scored: number[] = [];
    for (const { start, end, first } of scoreWindows(length, contextLength, stride)) {
      assert.ok(end - start <= contextLength && start >= 0 && start < first);
      for (let token = first; token <= end; token++) scored.push(token);
      if (first > contextLength) assert.ok(first - start >= contextLength - stride + 1);
    }
    assert.equal(
      scored,
      Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1),
    );
  }
});

test('windows from a later token on score the rest of the same tokens', () => {
  const random = randomSource(freshSeed('windows from a later token on'));
  for (let round = 0; round < 2000; round++) {
    const contextLength = 1 + random.below(20);
    const stride = 1 + random.below(contextLength);
    const length = 2 + random.below(80);
    const from = 1 + random.below(length - 1);
    let next = from;
    for (const { start, end, first } of scoreWindows(length, contextLength, stride, from)) {
      assert.is(first, next);
      assert.ok(end >= first && end - start <= contextLength && start >= 0 && start < first);
      // The window reads as much as fits.
      assert.ok(start === 0 || end - start === contextLength);
      next = end + 1;
    }
    assert.is(next, length);
  }
});

test.run();
