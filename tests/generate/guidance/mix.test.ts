import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mix } from '../../../src/generate/guidance/mix.js';
import { loadModel } from '../../../src/index.js';
import { NaiveRow } from '../../support/fake_core.js';
import { holds } from '../../support/property.js';

interface Scores {
  readonly f32_base64: string;
}
const folder = new URL('../../fixtures/lm/', import.meta.url);
const { processors } = JSON.parse(readFileSync(new URL('guidance.json', folder), 'utf8')) as {
  processors: {
    arguments: { guidance_scale: number; unconditional_ids: number[] };
    input_scores: Scores;
    scores: Scores;
  }[];
};
const floats = ({ f32_base64 }: Scores) =>
  new Float32Array(Uint8Array.from(Buffer.from(f32_base64, 'base64')).buffer);

test('guidance changes scores as in transformers', async () => {
  const model = await loadModel(folder, { build: 'simd' });
  for (const { arguments: given, input_scores, scores } of processors) {
    const logits = await model.logits(given.unconditional_ids);
    const own = floats(input_scores);
    const row = new NaiveRow(new Float32Array(own.length));
    const negative = { values: logits.slice(-own.length), weight: given.guidance_scale };
    assert.is(mix(row, { own, experts: [], negative }), 0);
    floats(scores).forEach((score, id) => {
      const difference = Math.abs(row.values[id]! - score);
      assert.ok(difference <= 1e-5 * Math.max(1, Math.abs(score)), `${id}: ${row.values[id]} ${score}`);
    });
  }
  assert.is(processors.length, 3);
  model.dispose();
});

const V = 7;
const row = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: V, maxLength: V });
const logits = row.map((values) => Float32Array.from(values));
const weight = fc.double({ min: -3, max: 3, noNaN: true });

test('experts add their logits by weight, and guidance extrapolates probabilities, as defined', () =>
  holds(
    'mixtures',
    fc.record({
      own: logits,
      experts: fc.array(fc.record({ values: logits, weight }), { maxLength: 3 }),
      negative: fc.option(fc.record({ values: logits, weight }), { nil: undefined }),
    }),
    async ({ own, experts, negative }) => {
      const found = new NaiveRow(new Float32Array(V));
      const sum = mix(found, { own, experts, negative });
      const added = Array.from(own, (value, id) =>
        experts.reduce((total, expert) => total + expert.weight * expert.values[id]!, value),
      );
      const logProbs = (values: ArrayLike<number>) => {
        const largest = Math.max(...Array.from(values));
        const total = Array.from(values).reduce((all, value) => all + Math.exp(value - largest), 0);
        return Array.from(values, (value) => value - largest - Math.log(total));
      };
      const [p, q] = [logProbs(added), negative && logProbs(negative.values)];
      for (let id = 0; id < V; id++) {
        const expected = q === undefined ? p[id]! : q[id]! + negative!.weight * (p[id]! - q[id]!);
        const value = found.values[id]! - sum;
        assert.ok(Math.abs(value - expected) < 1e-3, `${value} ${expected}`);
      }
    },
    100,
  ));

test('a weight of 0 changes no bit, and guidance of 0 leaves the negative context alone', () =>
  holds(
    'limits',
    fc.record({ own: logits, other: logits }),
    async ({ own, other }) => {
      const found = new NaiveRow(new Float32Array(V));
      mix(found, { own, experts: [{ values: other, weight: 0 }], negative: undefined });
      assert.equal(
        [...found.values].map((x) => x + 0),
        [...own].map((x) => x + 0),
      );
      mix(found, { own, experts: [], negative: { values: other, weight: 0 } });
      const sum = new NaiveRow(other).logSumExp();
      assert.equal(
        found.values,
        other.map((value) => value - sum),
      );
    },
    100,
  ));

test.run();
