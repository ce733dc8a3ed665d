import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { convertModel, type LoadModelOptions, loadModel } from '../../../src/index.js';
import { decodeExpected } from '../../support/checkpoints.js';
import { assertLogits, relativeError } from '../../support/logits.js';
import { thrown } from '../../support/thrown.js';
import { ggufSource } from '../gguf/models.js';
import { concat } from '../gguf/writer.js';

/** A model, and adapters of it that PEFT wrote, each with the logits that PyTorch computed. */
const FIXTURES = fileURLToPath(new URL('../../fixtures/peft', import.meta.url));
const BASE = `${FIXTURES}/base`;
const OPTIONS = { build: 'simd', threads: 1 } as const;

/** Low-rank sums of matrices of the layers alone. */
const BESIDE =
  /^(?:adalora|lora|lora-(?:all-linear|bin|exclude|fan-in-fan-out|full-names|layers|pattern.*|regex|rslora))$/;
/** Adapters that are none of weights. */
const PROMPTS = ['p-tuning', 'prefix', 'prompt'];
/** Adapters that change only one of embedding and head. */
const UNTIED = ['loha', 'lokr', 'lora-lm_head', 'lora-save-lm_head', 'lora-save-wte', 'lora-wte'];

const names = readdirSync(FIXTURES).filter((name) => name !== 'base' && name !== 'NOTICE.txt');
const base = await loadModel(BASE, OPTIONS);
test.after(() => base.dispose());

async function logitsOf(
  ids: readonly number[],
  options: LoadModelOptions,
  source: Parameters<typeof loadModel>[0] = BASE,
) {
  const model = await loadModel(source, { ...OPTIONS, ...options });
  const logits = await model.logits(ids);
  model.dispose();
  return { logits, isTied: model.config.tiedHead };
}

async function converted(options: Pick<LoadModelOptions, 'adapters'> = {}) {
  const file = await convertModel(BASE, { weights: 'f16', ...options });
  const parts: Uint8Array[] = [];
  for await (const part of file.bytes()) parts.push(part);
  return ggufSource(concat(parts));
}
const gguf = await converted();

for (const name of names.filter((each) => !PROMPTS.includes(each))) {
  const adapters = [`${FIXTURES}/${name}`];
  const { input_ids: ids, logits: want } = decodeExpected(`${FIXTURES}/${name}/expected.json`);

  test(`${name}: merged into the weights, logits are those of PEFT`, async () => {
    const { logits, isTied } = await logitsOf(ids, { adapters });
    assertLogits(logits, want);
    assert.is(isTied, !UNTIED.includes(name));
    const quantized = await logitsOf(ids, { adapters, weights: 'q8' });
    assert.ok(relativeError(quantized.logits, want) < 0.05, `${relativeError(quantized.logits, want)}`);
  });

  test(`${name}: so they are in GGUF, merged before it is written or as it is read`, async () => {
    for (const { logits } of [
      await logitsOf(ids, {}, await converted({ adapters })),
      await logitsOf(ids, { adapters }, gguf),
    ]) {
      assert.ok(relativeError(logits, want) < 2e-3, `${relativeError(logits, want)}`);
    }
  });

  if (BESIDE.test(name)) {
    test(`${name}: beside the weights, logits are those of PEFT`, async () => {
      const beside = await base.withAdapters(adapters);
      assertLogits(await beside.logits(ids), want);
      beside.dispose();
    });
  } else {
    test(`${name}: beside the weights it is refused with advice`, async () => {
      await thrown(() => base.withAdapters(adapters), 'unsupported', 'loadModel as the option adapters');
    });
  }
}

test('adapters that are no change of weights are refused with their names', async () => {
  for (const [name, words] of [
    ['prompt', 'peft_type "PROMPT_TUNING"; loadSoftPrompt reads it'],
    ['p-tuning', 'peft_type "P_TUNING"; loadSoftPrompt reads it'],
    ['prefix', 'peft_type "PREFIX_TUNING"'],
  ] as const) {
    await thrown(() => loadModel(BASE, { adapters: [`${FIXTURES}/${name}`] }), 'unsupported', words);
    await thrown(() => base.withAdapters([`${FIXTURES}/${name}`]), 'unsupported', words);
  }
});

test.run();
