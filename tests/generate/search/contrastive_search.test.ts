import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ContrastiveSearch, candidatesOf } from '../../../src/generate/search/contrastive_search.js';
import { decodeExpected } from '../../support/checkpoints.js';
import { NaiveRow } from '../../support/fake_core.js';
import { LiteralGpt2 } from '../../support/literal_gpt2.js';
import { assertLogits } from '../../support/logits.js';
import { randomSource } from '../../support/random.js';

interface ContrastiveCase {
  readonly prompt: readonly number[];
  readonly penalty_alpha: number;
  readonly top_k: number;
  readonly max_new_tokens: number;
  readonly sequences: readonly (readonly number[])[];
}

const folder = new URL('../../fixtures/lm/', import.meta.url);
const lm = new LiteralGpt2(folder);

test('the reference model has the logits of PyTorch', () => {
  const { input_ids, logits } = decodeExpected(new URL('expected.json', folder).pathname);
  const own = input_ids.flatMap((_: number, at: number) => [...lm.logits(input_ids.slice(0, at + 1))]);
  assertLogits(Float32Array.from(own), logits);
});

test('texts are those of the published rule', () => {
  const { contrastive }: { contrastive: readonly ContrastiveCase[] } = JSON.parse(
    readFileSync(new URL('search.json', folder), 'utf8'),
  );
  const hiddenOf = (tokens: readonly number[]) => Float32Array.from(lm.hidden(tokens));
  for (const { prompt, penalty_alpha: penaltyAlpha, top_k: topK, max_new_tokens, sequences } of contrastive) {
    const search = new ContrastiveSearch(penaltyAlpha);
    for (const at of prompt.keys()) search.remember(at, hiddenOf(prompt.slice(0, at + 1)));
    const tokens = prompt.slice();
    do {
      const candidates = candidatesOf(new NaiveRow(lm.logits(tokens)), topK);
      const hidden = candidates.map(({ token }) => hiddenOf([...tokens, token]));
      tokens.push(candidates[search.choose(candidates, hidden)]!.token);
    } while (tokens.length < prompt.length + max_new_tokens && tokens.at(-1) !== 0);
    assert.equal(tokens.slice(prompt.length), sequences[0], `${penaltyAlpha}, ${topK} after ${prompt}`);
  }
});

test('random steps choose by the formula; banned tokens are no candidates', () => {
  const random = randomSource(77);
  const [V, C] = [9, 4];
  const vector = (length: number) => Float32Array.from({ length }, () => 2 * random.uniform() - 1);
  let banned = 0;
  for (let round = 0; round < 300; round++) {
    const penaltyAlpha = random.uniform();
    const topK = 1 + random.below(V + 2);
    const search = new ContrastiveSearch(penaltyAlpha);
    const earlier = Array.from({ length: 1 + random.below(5) }, () => vector(C));
    for (const [at, hidden] of earlier.entries()) search.remember(at, hidden);
    for (let step = 0; step < 4; step++) {
      const logits = vector(V).map((logit, id) =>
        id > 0 && random.uniform() < 0.4 ? Number.NEGATIVE_INFINITY : 3 * logit,
      );
      const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
      const ranked = [...logits.keys()]
        .filter((id) => logits[id]! > Number.NEGATIVE_INFINITY)
        .sort((a, b) => logits[b]! - logits[a]!)
        .slice(0, topK);
      banned += Math.min(topK, V) - ranked.length;
      const candidates = candidatesOf(new NaiveRow(logits), topK);
      assert.equal(
        candidates.map(({ token }) => token),
        ranked,
      );
      const hidden = candidates.map(() => vector(C));
      const scores = hidden.map((one, index) => {
        const similarity = Math.max(...earlier.map((other) => cosine(one, other)));
        return ((1 - penaltyAlpha) * Math.exp(logits[ranked[index]!]!)) / sum - penaltyAlpha * similarity;
      });
      const chosen = search.choose(candidates, hidden);
      assert.ok(scores[chosen]! >= Math.max(...scores) - 1e-6, `${scores}: ${chosen}`);
      earlier.push(hidden[chosen]!);
    }
  }
  assert.ok(banned > 100);
});

test('with penaltyAlpha 0 the most likely token is taken, and a hidden state of zeros is no error', () => {
  const search = new ContrastiveSearch(0);
  search.remember(0, new Float32Array(2));
  const candidates = candidatesOf(new NaiveRow([1, 3, 2, 0]), 3);
  assert.equal(
    candidates.map(({ token }) => token),
    [1, 2, 0],
  );
  const hidden = [new Float32Array(2), Float32Array.of(1, 0), Float32Array.of(0, 1)];
  assert.is(search.choose(candidates, hidden), 0);
});

test('the hidden states that a search was given may be overwritten, and given again', () => {
  const search = new ContrastiveSearch(0.9);
  search.remember(0, Float32Array.of(0, 1));
  const hidden = Float32Array.of(1, 0);
  search.remember(0, hidden);
  hidden.set([0, 1]);
  const candidates = candidatesOf(new NaiveRow([1, 1]), 2);
  assert.is(search.choose(candidates, [Float32Array.of(3, 0), Float32Array.of(0, 3)]), 1);
});

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

test.run();
