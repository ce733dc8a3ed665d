import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { patchingGrid } from '../../../../src/examine.js';
import { loadModel } from '../../../../src/index.js';
import { createWorkerModel } from '../../../../src/worker.js';
import { insideFile, insideModel } from '../../../support/inside_model.js';
import { near } from '../../../support/near.js';
import { randomSource } from '../../../support/random.js';
import { storiesTiny } from '../../../support/stories_tiny.js';
import { thrown } from '../../../support/thrown.js';
import { fakeWorkers } from '../../../worker/fake_worker.js';

const fakeWorker = fakeWorkers(test);
const model = await loadModel(insideModel, { build: 'simd' });
const stories = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => {
  model.dispose();
  stories.dispose();
});

const POST = 'blocks.*.hook_resid_post';

test('patches have the logits of transformers', async () => {
  const { input_ids: ids, source_ids: source, cases } = insideFile('patch.json');
  assert.is(cases.length, 4);
  for (const [token, against] of [
    [3, 90],
    [41, undefined],
  ] as const) {
    const grid = await patchingGrid(model, source, ids, { hook: POST, measure: { token, against } });
    assert.equal(grid.measures.shape, [3, 16]);
    assert.is(grid.heads, undefined);
    for (const { after_layer: layer, position, logits } of cases) {
      const last = logits.subarray(15 * 97);
      const expected = last[token] - (against === undefined ? 0 : last[against]);
      const at = 16 * layer + position;
      near(grid.measures.data[at]!, expected, 1e-4, `layer ${layer}, position ${position}`);
      near(grid.effects.data[at]!, (expected - grid.corrupted) / (grid.clean - grid.corrupted), 1e-3);
    }
  }
});

test('all of the clean text is 1, and what cannot matter is 0', async () => {
  // Texts with equal measures, which fresh seeds may give, have no effects.
  const random = randomSource(11);
  const ids = () => Array.from({ length: 9 }, () => 1 + Math.floor(96 * random.uniform()));
  const [clean, corrupted] = [ids(), ids()];
  const measure = { token: 5, against: 6 };
  const { layers, positions, effects } = await patchingGrid(model, clean, corrupted, { hook: POST, measure });
  assert.equal(
    [layers, positions],
    [
      [0, 1, 2],
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
    ],
  );
  // After the last layer, only the last position leads to the logits.
  assert.equal([...effects.data.subarray(18)], [0, 0, 0, 0, 0, 0, 0, 0, 1]);
});

test('a text with one other token: restoring its embedding restores all', async () => {
  const clean = [4, 8, 15, 16, 23, 42];
  const corrupted = [4, 8, 77, 16, 23, 42];
  const { effects } = await patchingGrid(model, clean, corrupted, {
    ...{ hook: 'blocks.*.hook_resid_pre', measure: { token: 9 }, layers: [0] },
  });
  assert.equal([...effects.data], [0, 0, 1, 0, 0, 0]);
});

test('heads are patched at the chosen positions, one after the other and together the same', async () => {
  const [clean, corrupted] = [
    [4, 8, 15, 16, 23, 42],
    [9, 1, 77, 16, 3, 42],
  ];
  const measure = { token: 9, against: 10 };
  for (const hook of [
    'blocks.*.attn.hook_z',
    'blocks.*.attn.hook_pattern',
    'blocks.*.attn.hook_attn_scores',
  ]) {
    const grid = await patchingGrid(model, clean!, corrupted!, {
      ...{ hook, measure, heads: [3, 1], layers: [2, 0], positions: [5, 2] },
    });
    assert.equal(
      [grid.layers, grid.heads, grid.positions],
      [
        [0, 2],
        [1, 3],
        [5, 2],
      ],
    );
    for (const [row, layer] of [0, 2].entries()) {
      for (const [column, head] of [1, 3].entries()) {
        const name = hook.replace('*', String(layer));
        const { values } = await model.trace(clean!, { read: [name], positions: [5, 2] });
        const { shape, data } = values[name]!;
        // [positions, heads, width], or [heads, positions, tokens]
        const value: number[] = [];
        for (let position = 0; position < 2; position++) {
          const byPosition = hook.endsWith('_z');
          const index = byPosition ? position * 4 + head : head * 2 + position;
          value.push(...data.subarray(index * shape[2]!, (index + 1) * shape[2]!));
        }
        const { logits } = await model.trace(corrupted!, {
          edit: [{ hook: name, heads: [head], positions: [5, 2], op: 'replace', value }],
        });
        const expected = Math.fround(logits!.data[9]! - logits!.data[10]!);
        assert.is(grid.measures.data[2 * row + column], expected, `${hook} ${layer}.${head}`);
      }
    }
  }
});

test('a model in a worker says the same, with progress', async () => {
  const remote = await createWorkerModel(storiesTiny, { worker: fakeWorker().worker, build: 'simd' });
  const options = { hook: POST, measure: { token: 11 }, positions: [-1, 0] };
  const texts = ['The cat sat', 'The dog sat'] as const;
  const progress: number[] = [];
  const onProgress = ({ done, total }: { done: number; total: number }) => {
    progress.push(done / total);
  };
  const here = await patchingGrid(stories, ...texts, options);
  assert.equal(await patchingGrid(remote, ...texts, { ...options, onProgress }), here);
  assert.is(progress.at(-1), 1);
  assert.is(here.tokens.clean.map(({ text }) => text).join(''), 'The cat sat');
  await remote.dispose();
});

test('wrong arguments are refused', async () => {
  const measure = { token: 1 };
  const call =
    (options: object, clean: unknown = [1, 2, 3], corrupted: unknown = [1, 4, 3]) =>
    () =>
      patchingGrid(model, clean as number[], corrupted as number[], { hook: POST, measure, ...options });
  for (const options of [
    { hook: 'blocks.0.hook_resid_post' },
    { hook: 'blocks.*.hook_resid_post.logits' },
    { hook: 'blocks.*.attn.hook_result' },
    { hook: 'hook_embed' },
    { hook: '*' },
    { hook: undefined },
    { hook: 7 },
    { measure: undefined },
    { measure: { token: 97 } },
    { measure: { token: 1, against: -1 } },
    { measure: { token: 1, agaisnt: 1 } },
    // The same logit twice is 0 in both texts.
    { measure: { token: 1, against: 1 } },
    { layers: [3] },
    { layers: [] },
    { positions: [3] },
    { positions: [] },
    { heads: [0] },
    { hook: 'blocks.*.attn.hook_z', heads: [4] },
    { position: [1] },
  ]) {
    await thrown(call(options), 'invalid-option');
  }
  const { message } = await thrown(call({}, [1, 2, 3, 4]), 'invalid-option');
  assert.match(message, /4 tokens.* 3/);
  await thrown(call({}, [1, 2, 3], [1, 2, 3]), 'invalid-option');
  await thrown(call({}, 7), 'invalid-option');
  const long = new Array(65).fill(5);
  await thrown(call({}, long, long), 'context-full');
  await thrown(call({ signal: AbortSignal.abort() }), 'aborted');
});

test.run();
