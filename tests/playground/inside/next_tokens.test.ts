import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../../src/base/random.js';
import { sample } from '../../../src/generate/sampling/sampler.js';
import { drawToken } from '../../../src/playground/inside/draw.js';
import { chanceOf, NextTokens, pieceAt } from '../../../src/playground/inside/next_tokens.js';
import { NaiveRow } from '../../support/fake_core.js';
import { holds } from '../../support/property.js';

const VOCABULARY = 40;
/** Nearer to a border of a piece, rounding decides. */
const NEAR = 1e-5;

const cases = fc.record({
  // Equal or well apart, so that rounding does not order them.
  logits: fc.array(
    fc.integer({ min: -576, max: 576 }).map((n) => n / 64),
    { minLength: VOCABULARY, maxLength: VOCABULARY },
  ),
  temperature: fc.constantFrom(0.3, 1, 1.7),
  topK: fc.integer({ min: 1, max: VOCABULARY }),
  topP: fc.constantFrom(0.2, 0.9, 1),
  seed: fc.nat(),
  index: fc.nat(9),
});

test('a draw takes the token that a generation takes with the same random number', () =>
  holds(
    'draws',
    cases,
    async ({ logits, temperature, topK, topP, seed, index }) => {
      const next = new NextTokens(Float32Array.from(logits));
      const chances = next.chances({ temperature, topK, topP });
      const { hit, number, pieces } = drawToken(next, chances, seed, index);
      assert.is(number, new RandomStream(seed, 0, index).next());
      assert.ok(hit.from <= number && number < hit.to);
      assert.ok(
        pieces.every(({ from, to }, i) => from <= to && (i === 0 ? from === 0 : from === pieces[i - 1]!.to)),
      );
      if (number - hit.from < NEAR || hit.to - number < NEAR) return;
      // Rounding may also decide where top-p ends.
      const { before, keptShare, kept } = chances;
      if (topP < 1 && [keptShare, keptShare - before[kept - 1]!].some((sum) => isNear(sum, topP, chances)))
        return;
      const row = new NaiveRow(logits);
      assert.is(hit.id, sample(row, { temperature, topK, topP, minP: 0 }, new RandomStream(seed, 0, index)));
    },
    200,
  ));

/** Whether a sum of probabilities is near the share of all that top-k leaves at which top-p ends. */
function isNear(sum: number, topP: number, { before }: { readonly before: Float64Array }): boolean {
  let ofMost = 0;
  return before.some((probability) => {
    ofMost += probability;
    return Math.abs(sum - topP * ofMost) < NEAR;
  });
}

test('the chances after the filters sum to 1, and those before them do', () =>
  holds(
    'chances',
    cases,
    async ({ logits, temperature, topK, topP }) => {
      const next = new NextTokens(Float32Array.from(logits));
      const chances = next.chances({ temperature, topK, topP });
      const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b);
      assert.ok(Math.abs(sum(chances.before) - 1) < 1e-12);
      const after = [...next.ids.keys()].map((rank) => chanceOf(chances, rank));
      assert.ok(Math.abs(sum(after) - 1) < 1e-12);
      assert.ok(after.every((chance, rank) => chance > 0 === rank < chances.kept));
      assert.ok(chances.kept >= 1 && chances.kept <= topK);
    },
    200,
  ));

test('temperature 0 and top-k 1 leave the likeliest token; numbers at the ends have a piece', () => {
  const next = new NextTokens(Float32Array.of(1, 3, 2, 3));
  assert.equal([...next.ids], [1, 3, 2, 0]);
  for (const filters of [
    { temperature: 0, topK: 0, topP: 1 },
    { temperature: 0.5, topK: 1, topP: 1 },
    { temperature: 1, topK: 0, topP: 0 },
  ]) {
    const chances = next.chances(filters);
    assert.is(chances.kept, 1);
    assert.equal(pieceAt(chances, 0.999), { rank: 0, from: 0, to: 1 });
  }
  const all = next.chances({ temperature: 1, topK: 0, topP: 1 });
  assert.is(pieceAt(all, 0).rank, 0);
  assert.is(pieceAt(all, 1 - 2 ** -53).rank, 3);
});

test.run();
