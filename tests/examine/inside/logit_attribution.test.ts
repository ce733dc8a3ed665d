import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LogitAttribution, logitAttribution } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker.js';
import { insideFile, insideModel } from '../../support/inside_model.js';
import { near } from '../../support/near.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { fakeWorkers } from '../../worker/fake_worker.js';

const fakeWorker = fakeWorkers(test);
const model = await loadModel(insideModel, { build: 'simd' });
test.after(() => model.dispose());

const { input_ids: ids } = insideFile('model.json');
const { layers: L, heads: H } = model.config;

/** All parts that together are the logit, with a name. */
function partsOf({ embedding, positionEmbedding, layers, bias }: LogitAttribution): [string, number][] {
  return [
    ['embedding', embedding],
    ['position', positionEmbedding],
    ...layers.flatMap(({ heads, attentionBias, mlp }, layer): [string, number][] => [
      ...heads.map((head, i): [string, number] => [`${layer}.${i}`, head]),
      [`${layer} bias`, attentionBias],
      [`${layer} mlp`, mlp],
    ]),
    ['bias', bias],
  ];
}

test('the parts sum to the logit, at each position, for a token and against another', async () => {
  const { logits } = await model.trace(ids, { logits: 'all' });
  const V = model.config.vocabSize;
  for (const [position, token, against] of [
    [0, 5, undefined],
    [7, 96, 1],
    [-1, 0, 42],
  ] as const) {
    const found = await logitAttribution(model, ids, { position, token, against });
    const row = (position < 0 ? position + ids.length : position) * V;
    const logit = logits!.data[row + token]! - (against === undefined ? 0 : logits!.data[row + against]!);
    assert.is(found.logit, logit);
    assert.is(found.layers.length, L);
    const parts = partsOf(found);
    assert.is(parts.length, 3 + L * (H + 2));
    const total = parts.reduce((sum, [, part]) => sum + part, 0);
    near(total, logit, 1e-4, 'sum');
    near(found.remainder, logit - total, 1e-9, 'remainder');
    for (const { attention, heads, attentionBias } of found.layers) {
      near(
        attention,
        heads.reduce((sum, head) => sum + head, attentionBias),
        1e-9,
        'attention',
      );
    }
  }
});

test('a part is what its own numbers add, with the scale of the last layer norm as it is', async () => {
  // The logit is linear in the residual stream if the scale is fixed: a part is the difference that leaving it out makes.
  const token = 11;
  const found = await logitAttribution(model, ids, { token });
  const { values } = await model.trace(ids, {
    ...{ read: ['blocks.*.attn.hook_result', 'ln_final.hook_scale'], positions: [-1] },
  });
  const last = `blocks.${L - 1}.hook_resid_post`;
  const scale = values['ln_final.hook_scale']!.data;
  for (const [layer, head] of [
    [0, 1],
    [L - 1, 0],
  ] as const) {
    const { shape, data } = values[`blocks.${layer}.attn.hook_result`]!;
    const C = shape[2]!;
    const value = data.slice(head * C, (head + 1) * C).map((x) => -x);
    const edit = [
      { hook: last, positions: [-1], op: 'add' as const, value },
      { hook: 'ln_final.hook_scale', positions: [-1], op: 'replace' as const, value: scale },
    ];
    const without = (await model.trace(ids, { edit })).logits!.data[token]!;
    near(found.layers[layer]!.heads[head]!, found.logit - without, 1e-4, `${layer}.${head}`);
  }
});

test('the likeliest token is explained by default, in a worker too', async () => {
  const remote = await createWorkerModel(storiesTiny, { worker: fakeWorker().worker, build: 'simd' });
  const here = await loadModel(storiesTiny, { build: 'simd' });
  const text = 'The cat and the';
  const found = await logitAttribution(here, text);
  const { data } = (await here.trace(text)).logits!;
  assert.is(found.token.id, data.indexOf(Math.max(...data)));
  assert.is(found.token.text, here.tokenizer.decode([found.token.id]));
  assert.is(found.position, found.tokens.length - 1);
  assert.equal(await logitAttribution(remote, text), found);
  here.dispose();
  await remote.dispose();
});

test('quantized weights leave little over', async () => {
  const q8 = await loadModel(insideModel, { build: 'simd', weights: 'q8' });
  const found = await logitAttribution(q8, ids, { token: 3 });
  const size = partsOf(found).reduce((sum, [, part]) => sum + Math.abs(part), 0);
  assert.ok(Math.abs(found.remainder) < 0.02 * size, `${found.remainder} of ${size}`);
  q8.dispose();
});

test('wrong arguments are refused', async () => {
  for (const options of [
    { position: 99 },
    { position: 0.5 },
    { token: 97 },
    { against: -1 },
    { tokens: 1 },
  ]) {
    await thrown(() => logitAttribution(model, ids, options as object), 'invalid-option');
  }
  await thrown(() => logitAttribution(model, ids, { position: ids.length }), 'invalid-option');
});

test.run();
