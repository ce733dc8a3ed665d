import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { attentionPatterns } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker.js';
import { insideFile, insideModel } from '../../support/inside_model.js';
import { near } from '../../support/near.js';
import { thrown } from '../../support/thrown.js';
import { fakeWorkers } from '../../worker/fake_worker.js';

const fakeWorker = fakeWorkers(test);
const model = await loadModel(insideModel, { build: 'simd' });
test.after(() => model.dispose());

const { input_ids: ids, attentions } = insideFile('model.json');
const T: number = ids.length;
const { layers: L, heads: H } = model.config;

/** Weight of a key, as transformers computes it. */
const expected = (layer: number, head: number, query: number, key: number): number =>
  attentions[layer][(head * T + query) * T + key];

test('weights and summaries of heads are those of transformers', async () => {
  const { weights, summaries, rollout } = await attentionPatterns(model, ids);
  assert.equal(weights.shape, [L, H, T, T]);
  assert.is(rollout, undefined);
  let place = 0;
  for (let layer = 0; layer < L; layer++) {
    for (let head = 0; head < H; head++) {
      const summary = summaries[layer * H + head]!;
      assert.equal([summary.layer, summary.head], [layer, head]);
      const means = { entropy: 0, first: 0, previous: 0, self: 0, distance: 0 };
      for (let query = 0; query < T; query++) {
        for (let key = 0; key < T; key++) {
          const weight = expected(layer, head, query, key);
          near(weights.data[place++]!, weight, 5e-6, `${layer} ${head} ${query} ${key}`);
          if (weight > 0) means.entropy -= (weight * Math.log(weight)) / T;
          means.distance += (weight * (query - key)) / T;
          if (key === 0) means.first += weight / T;
          if (key === query - 1) means.previous += weight / T;
          if (key === query) means.self += weight / T;
        }
      }
      for (const [name, mean] of Object.entries(means)) near(summary[name as 'first'], mean, 1e-4, name);
    }
  }
});

test('layers, heads and positions are chosen', async () => {
  const { weights, summaries, layers, heads, positions } = await attentionPatterns(model, ids, {
    ...{ layers: [2, 0], heads: [1], positions: [-1, 4] },
  });
  assert.equal([layers, heads, positions], [[0, 2], [1], [T - 1, 4]]);
  assert.equal(weights.shape, [2, 1, 2, T]);
  assert.is(summaries.length, 2);
  layers.forEach((layer, l) => {
    positions.forEach((query, p) => {
      for (let key = 0; key < T; key++) {
        near(weights.data[(l * 2 + p) * T + key]!, expected(layer, 1, query, key), 5e-6, `${layer} ${query}`);
      }
    });
  });
});

test('the rollout is the product of the layers', async () => {
  const { rollout } = await attentionPatterns(model, ids, { layers: [0], positions: [3, -1], rollout: true });
  let product: number[][] = Array.from({ length: T }, (_, i) =>
    Array.from({ length: T }, (_, j) => (i === j ? 1 : 0)),
  );
  for (let layer = 0; layer < L; layer++) {
    const mixed = product.map((_, i) =>
      product.map((_, j) => {
        let mean = 0;
        for (let head = 0; head < H; head++) mean += expected(layer, head, i, j) / H;
        return (mean + (i === j ? 1 : 0)) / 2;
      }),
    );
    product = mixed.map((row) =>
      row.map((_, j) => row.reduce((sum, weight, k) => sum + weight * product[k]![j]!, 0)),
    );
  }
  assert.equal(rollout!.shape, [2, T]);
  [3, T - 1].forEach((position, row) => {
    const own = rollout!.data.subarray(row * T, (row + 1) * T);
    near(
      own.reduce((sum, share) => sum + share, 0),
      1,
      1e-5,
      'sum',
    );
    own.forEach((share, key) => {
      near(share, product[position]![key]!, 1e-5, `${position} ${key}`);
    });
  });
});

test('a model in a worker says the same, and reports each layer', async () => {
  const remote = await createWorkerModel(insideModel, { worker: fakeWorker().worker, build: 'simd' });
  const seen: number[] = [];
  const onProgress = ({ done, total }: { readonly done: number; readonly total: number }) => {
    assert.is(total, L);
    seen.push(done);
  };
  const there = await attentionPatterns(remote, ids, { rollout: true, onProgress });
  assert.equal(there, await attentionPatterns(model, ids, { rollout: true }));
  assert.equal(seen, [1, 2, 3]);
  await remote.dispose();
});

test('wrong arguments are refused', async () => {
  for (const options of [
    { heads: [H] },
    { layers: [L] },
    { positions: [T] },
    { rollout: 1 },
    { head: [0] },
  ]) {
    await thrown(() => attentionPatterns(model, ids, options as object), 'invalid-option');
  }
});

test.run();
