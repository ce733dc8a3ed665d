import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import { Gpt2Error } from '../../../src/base/errors.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { AdapterSum } from '../../../src/checkpoints/peft/adapter_sum.js';
import { describeAdapter } from '../../../src/checkpoints/peft/describe_adapter.js';
import { readAdapter } from '../../../src/checkpoints/peft/read_adapter.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import type { ModelSource } from '../../../src/files/source.js';
import { holds } from '../../support/property.js';
import { memorySource } from '../../support/sources.js';
import { survivesDamage } from '../damage.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/peft', import.meta.url));
const { config } = await openCheckpoint(await folderSource(`${FIXTURES}/base`));
const NAMES = [
  'lora-patterns',
  'dora',
  'lora-tokens',
  'lora-bias-term',
  'adalora',
  'ia3',
  'loha',
  'lokr',
  'lora-wte',
];
const filesOf = (name: string, weights = 'adapter_model.safetensors') =>
  Object.fromEntries(
    ['adapter_config.json', weights].map((file) => [
      file,
      new Uint8Array(readFileSync(`${FIXTURES}/${name}/${file}`)),
    ]),
  );

const open = async (source: ModelSource) => {
  await describeAdapter(source);
  new AdapterSum([{ adapter: await readAdapter(source, config), weight: 1 }]);
};

for (const name of NAMES) {
  test(`${name}: damaged files open or are refused`, () =>
    survivesDamage(`damaged ${name}`, filesOf(name), open, 25, 8));
}

test('a damaged adapter_model.bin opens or is refused', () =>
  survivesDamage('damaged adapter_model.bin', filesOf('lora-bin', 'adapter_model.bin'), open, 25, 16));

const FIELDS =
  'peft_type r lora_alpha alpha init_r rank_pattern alpha_pattern use_dora use_rslora lora_bias bias modules_to_save ' +
  'trainable_token_indices token_indices ensure_weight_tying init_lora_weights target_modules use_qalora';
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    'LORA',
    'ADALORA',
    'IA3',
    'LOHA',
    'LOKR',
    'LN_TUNING',
    'TRAINABLE_TOKENS',
    true,
    4,
    [5, 9, 40],
  ),
  fc.dictionary(fc.constantFrom('c_attn', '(.*)*x', '[', 'h\\.\\d'), fc.constantFrom(1, 4, 0, 'x'), {
    noNullPrototype: true,
  }),
);

test('any values of a config are followed or refused', () =>
  holds(
    'configs of adapters',
    fc.record({
      name: fc.constantFrom(...NAMES),
      changes: fc.dictionary(fc.constantFrom(...FIELDS.split(' ')), value, {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    }),
    async ({ name, changes }) => {
      const files = filesOf(name);
      const fields = { ...JSON.parse(new TextDecoder().decode(files['adapter_config.json'])), ...changes };
      try {
        await open(memorySource(name, { ...files, 'adapter_config.json': JSON.stringify(fields) }));
      } catch (error) {
        if (!(error instanceof Gpt2Error)) throw error;
      }
    },
    150,
  ));

test.run();
