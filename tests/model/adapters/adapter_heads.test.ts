import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { convertModel, loadModel } from '../../../src/index.js';
import { storiesWithHeads } from '../../support/heads.js';
import { safetensorsOf } from '../../support/safetensors_of.js';
import { memorySource } from '../../support/sources.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const OPTIONS = { build: 'simd', threads: 1 } as const;
const IDS = [5, 9, 40];
const plain = await loadModel(storiesTiny, OPTIONS);
const { channels: C } = plain.config;
test.after(() => plain.dispose());

const wave = (...shape: number[]) => {
  const length = shape.reduce((product, size) => product * size);
  return { shape, values: Float32Array.from({ length }, (_, i) => Math.sin(i * i + length)) };
};
const score = wave(2, C);
const adapterOf = (tensors: Parameters<typeof safetensorsOf>[0]) =>
  memorySource('a classifier', {
    'adapter_config.json': JSON.stringify({
      ...{ peft_type: 'LORA', task_type: 'SEQ_CLS', r: 2, lora_alpha: 2 },
      modules_to_save: ['classifier', 'score'],
    }),
    'adapter_model.safetensors': safetensorsOf(tensors),
  });
const head = adapterOf({ 'base_model.model.score.weight': score });
const adapter = adapterOf({
  'base_model.model.score.weight': score,
  'base_model.model.transformer.h.0.attn.c_attn.lora_A.weight': wave(2, C),
  'base_model.model.transformer.h.0.attn.c_attn.lora_B.weight': wave(3 * C, 2),
});

test('an adapter brings a head for another task, merged or beside the weights', async () => {
  const named = storiesWithHeads({ 'score.weight': [2, C] }, { id2label: { 0: 'calm', 1: 'wild' } });
  const states = await plain.embed(IDS, { pooling: 'last', normalize: false });
  const want = [0, 1].map((row) =>
    states.reduce((sum, value, i) => sum + value * score.values[row * C + i]!, 0),
  );
  for (const [source, labels] of [
    [storiesTiny, ['LABEL_0', 'LABEL_1']],
    [{ ...named }, ['calm', 'wild']],
  ] as const) {
    const base = await loadModel(source, OPTIONS);
    const merged = await loadModel(source, { ...OPTIONS, adapters: [head] });
    const beside = await base.withAdapters([head]);
    for (const model of [merged, beside]) {
      const { scores, logits } = await model.classify(IDS);
      assert.equal(
        scores.map(({ label }) => label),
        labels,
      );
      logits.forEach((logit, i) => {
        assert.ok(Math.abs(logit - want[i]!) < 1e-4 * (1 + Math.abs(want[i]!)), `${logit} ${want[i]}`);
      });
    }
    for (const model of [base, merged]) model.dispose();
  }
});

test('its change of the model counts for the head too', async () => {
  const merged = await loadModel(storiesTiny, { ...OPTIONS, adapters: [adapter] });
  const beside = await plain.withAdapters([adapter]);
  const [one, other, without] = [
    await merged.classify(IDS),
    await beside.classify(IDS),
    await (await plain.withAdapters([head])).classify(IDS),
  ];
  one.logits.forEach((logit, i) => {
    assert.ok(Math.abs(logit - other.logits[i]!) < 1e-3, `${logit}`);
    assert.ok(Math.abs(logit - without.logits[i]!) > 1e-2, 'the adapter changes something');
  });
  merged.dispose();
});

test('GGUF has no place for a head, which converting says', async () => {
  const { warnings } = await convertModel(storiesTiny, { weights: 'f16', adapters: [adapter] });
  assert.ok(warnings.some((text) => text.includes('no place for score.weight')));
});

test('a head has no multiple, and a model has one of a name', async () => {
  await thrown(
    () => plain.withAdapters([{ source: adapter, weight: 0.5 }]),
    'invalid-option',
    'score.weight',
  );
  await thrown(() => plain.withAdapters([adapter, head]), 'invalid-option', 'two adapters have score.weight');
  await thrown(() => plain.classify(IDS), 'unsupported', 'no head');
});

test.run();
