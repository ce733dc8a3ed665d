import { loadModel, loadSoftPrompt, type Model } from '../../../src/index.js';
import { answerRows } from '../../../src/train/preferences/answer_rows.js';
import { asPairs, encodePreferences } from '../../../src/train/preferences/encode_preferences.js';
import { ClassifierTrainer } from '../../../src/train.js';
import { fixture } from '../../support/fixture_files.js';
import { safetensorsOf } from '../../support/safetensors_of.js';
import { orRefused } from './checkpoints.js';
import { bytes, type Call, type GrowthCase, range } from './growth_case.js';
import { layered } from './models.js';
import { small } from './small.js';

const tensor = (...shape: number[]) => ({ shape, values: new Float32Array(shape.reduce((a, b) => a * b)) });

/** LoRA of attention in each of the layers. */
const lora = (layers: number, more: object = {}) => ({
  'adapter_config.json': bytes(
    JSON.stringify({
      peft_type: 'LORA',
      r: 1,
      lora_alpha: 1,
      target_modules: ['c_attn'],
      fan_in_fan_out: true,
      ...more,
    }),
  ),
  'adapter_model.safetensors': safetensorsOf(
    Object.fromEntries(
      range(layers, (i) => [
        [`base_model.model.transformer.h.${i}.attn.c_attn.lora_A.weight`, tensor(1, 4)],
        [`base_model.model.transformer.h.${i}.attn.c_attn.lora_B.weight`, tensor(12, 1)],
      ]).flat(),
    ),
  ),
});

const OPTIONS = { build: 'simd', threads: 1 } as const;
const base = await loadModel(layered(1), OPTIONS);

const adapted = (
  title: string,
  size: number,
  prepare: (size: number) => Promise<readonly [Model, readonly object[]]>,
): GrowthCase => ({
  ...{ title: `withAdapters, ${title}`, size },
  async prepare(size): Promise<Call> {
    const [model, adapters] = await prepare(size);
    return orRefused(async () => (await model.withAdapters(adapters as never)).dispose());
  },
});

const ADAPTED: GrowthCase[] = [
  adapted('layers', 8, async (size) => [await loadModel(layered(size), OPTIONS), [lora(size)]]),
  adapted('patterns of ranks', 50, async (size) => [
    base,
    [lora(1, { rank_pattern: Object.fromEntries(range(size, (i) => [`h.${i}.attn.c_attn`, 1])) })],
  ]),
  adapted('adapters', 4, async (size) => [base, range(size, () => lora(1))]),
  adapted('tensors of no module', 50, async (size) => [base, [lora(size)]]),
  adapted('modules that are named', 100, async (size) => [
    base,
    [lora(1, { target_modules: ['c_attn', ...range(size, (i) => `module${i}`)] })],
  ]),
  {
    ...{ title: 'loadSoftPrompt, vectors', size: 50 },
    prepare(size) {
      const config = {
        peft_type: 'PROMPT_TUNING',
        num_virtual_tokens: size,
        token_dim: 4,
        task_type: 'CAUSAL_LM',
      };
      const files = {
        'adapter_config.json': bytes(JSON.stringify(config)),
        'adapter_model.safetensors': safetensorsOf({ prompt_embeddings: tensor(size, 4) }),
      };
      return () => loadSoftPrompt(files, { model: base });
    },
  },
];

const RUN = { ...OPTIONS, steps: 1, batchSize: 1, contextLength: 16, validation: 0 } as const;

const TRAINED: GrowthCase[] = [
  {
    ...{ title: 'encodePreferences', size: 50 },
    prepare(size) {
      const { tokenizer, config } = small;
      const data = range(size, (i) => ({ prompt: `A cat ${i}`, chosen: ' sat.', rejected: ' ran.' }));
      const rules = { tokenizer, vocabSize: config.vocabSize, length: 16, startOfText: 0, endOfText: 0 };
      const rows = asPairs(({ prompt, chosen, rejected }, cut) =>
        answerRows(prompt, { chosen, rejected }, rules, cut),
      );
      return () => encodePreferences({ data, validation: 0.2, seed: 1 }, rows, rules.length);
    },
  },
  {
    ...{ title: 'ClassifierTrainer.create, texts and labels', size: 50 },
    prepare(size) {
      const data = range(size, (i) => ({ text: `A cat ${i}`, label: `label ${i >> 1}` }));
      return async () =>
        (await ClassifierTrainer.create({ ...RUN, model: fixture('stories-tiny'), data })).dispose();
    },
  },
];

export const ADAPTERS: GrowthCase[] = [...ADAPTED, ...TRAINED];
