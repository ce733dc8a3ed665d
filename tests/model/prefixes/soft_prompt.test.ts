import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, loadSoftPrompt } from '../../../src/index.js';
import { decodeExpected } from '../../support/checkpoints.js';
import { assertLogits } from '../../support/logits.js';
import { safetensorsOf } from '../../support/safetensors_of.js';
import { memorySource } from '../../support/sources.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

/** A model, and soft prompts of it that PEFT wrote, each with the logits that PyTorch computed. */
const FIXTURES = fileURLToPath(new URL('../../fixtures/peft', import.meta.url));
const model = await loadModel(`${FIXTURES}/base`, { build: 'simd', threads: 1 });
test.after(() => model.dispose());

for (const type of ['prompt', 'p-tuning']) {
  test(`logits after a soft prompt of ${type} are those of PEFT`, async () => {
    const expected = decodeExpected(`${FIXTURES}/${type}/expected.json`);
    const { embeddings, channels } = await loadSoftPrompt(`${FIXTURES}/${type}`, { model });
    assert.equal([channels, embeddings.length], [32, 4 * 32]);
    assertLogits(await model.logits({ embeddings, text: expected.input_ids }), expected.logits);
    // PEFT gives a row for each vector too.
    assert.is(expected.logits.length, (4 + expected.input_ids.length) * model.config.vocabSize);
  });
}

const config = readFileSync(`${FIXTURES}/prompt/adapter_config.json`, 'utf8');
const weights = readFileSync(`${FIXTURES}/prompt/adapter_model.safetensors`);

/** The soft prompt with changed fields, and with tensors of one number in place of its own. */
function changed(
  fields: object,
  tensors?: Record<string, readonly [shape: readonly number[], number: number]>,
) {
  const filled = Object.entries(tensors ?? {}).map(([name, [shape, number]]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return [name, { shape, values: new Float32Array(length).fill(number) }] as const;
  });
  const file = tensors === undefined ? weights : safetensorsOf(Object.fromEntries(filled));
  return memorySource('mine', {
    'adapter_config.json': JSON.stringify({ ...JSON.parse(config), ...fields }),
    'adapter_model.safetensors': file,
  });
}

test('what is no soft prompt of one model is refused by name', async () => {
  const refused = (
    source: Parameters<typeof loadSoftPrompt>[0],
    code: 'unsupported' | 'invalid-file',
    ...words: string[]
  ) => thrown(() => loadSoftPrompt(source), code, ...words);
  await loadSoftPrompt(changed({ num_transformer_submodules: null }));
  await refused(
    changed({ peft_type: 'PREFIX_TUNING' }),
    'unsupported',
    'PREFIX_TUNING',
    'PROMPT_TUNING and P_TUNING are read',
  );
  await refused(`${FIXTURES}/lora-rslora`, 'unsupported', 'LORA', 'withAdapters take it');
  await refused(changed({ num_transformer_submodules: 2 }), 'unsupported', 'num_transformer_submodules 2');
  for (const name of ['num_virtual_tokens', 'token_dim']) {
    for (const value of [0, 1.5, '4', null]) {
      await refused(changed({ [name]: value }), 'invalid-file', `${name} ${JSON.stringify(value)}`);
    }
    await refused(changed({ [name]: 7 }), 'invalid-file', '[4, 32]; by adapter_config.json it must be');
  }
  await refused(changed({}, {}), 'unsupported', 'has no tensor');
  await refused(changed({}, { other: [[4, 32], 1] }), 'unsupported', 'the tensor "other"');
  const both = { 'base_model.lm_head.weight': [[2, 2], 1], prompt_embeddings: [[4, 32], 1] } as const;
  await refused(changed({}, both), 'unsupported', 'the tensor "base_model.lm_head.weight"');
  await refused(changed({}, { prompt_embeddings: [[4, 32], Number.NaN] }), 'invalid-file', 'NaN');
  await thrown(() => loadSoftPrompt(memorySource('mine', {})), 'not-found', 'adapter_config.json');
  await thrown(
    () => loadSoftPrompt(changed({}), { model: {} as never }),
    'invalid-option',
    'model is an object',
  );
  await thrown(
    () => loadSoftPrompt(changed({}), { modle: 1 } as never),
    'invalid-option',
    'did you mean model',
  );
  const other = { config: { channels: 16 } };
  await thrown(
    () => loadSoftPrompt(changed({}), { model: other }),
    'unsupported',
    '32 numbers',
    'this model has 16',
  );
});

test('a soft prompt given as an adapter is refused with advice', async () => {
  for (const call of [
    () => model.withAdapters([`${FIXTURES}/prompt`]),
    () => loadModel(`${FIXTURES}/base`, { build: 'simd', adapters: [`${FIXTURES}/p-tuning`] }),
  ]) {
    await thrown(call, 'unsupported', 'loadSoftPrompt reads it');
  }
  await thrown(
    () => loadModel(storiesTiny, { adapters: [changed({ peft_type: 'VERA' })] }),
    'unsupported',
    'LORA, ADALORA',
  );
});

test.run();
