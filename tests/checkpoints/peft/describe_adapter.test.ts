import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeAdapter } from '../../../src/checkpoints/peft/describe_adapter.js';
import { adapterRows } from '../../../src/cli/inspecting/adapter_rows.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import { safetensorsOf } from '../../support/safetensors_of.js';
import { memorySource } from '../../support/sources.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/peft', import.meta.url));
const described = async (name: string) => describeAdapter(await folderSource(`${FIXTURES}/${name}`));

test('an adapter is described without its model', async () => {
  assert.equal(await described('dora'), {
    kind: 'LORA, DoRA',
    baseModel: 'base',
    rank: 4,
    alpha: 8,
    changes: {
      'transformer.h.*.attn.c_attn': 3,
      'transformer.h.*.attn.c_proj': 3,
      'transformer.h.*.mlp.c_fc': 3,
      'transformer.h.*.mlp.c_proj': 3,
    },
    // A, B and a length for each output, in three layers.
    parameters: 3 * (4 * (32 + 32 + 32 + 128) + (4 + 1) * (96 + 32 + 128 + 32)),
    storedBytes: 4 * 7008,
    runs: 'merged',
    reason: null,
  });
  const { changes, runs } = await described('lora-save-ln_f');
  assert.equal(changes, {
    'transformer.h.*.attn.c_attn': 3,
    'transformer.ln_f.bias': 1,
    'transformer.ln_f.weight': 1,
  });
  assert.is(runs, 'merged');
});

test('it says how the adapter runs, and why it is refused', async () => {
  for (const [name, want] of Object.entries({
    ...{ lora: 'beside', adalora: 'beside', 'lora-rslora': 'beside' },
    ...{ ia3: 'merged', lokr: 'merged', 'lora-wte': 'merged', 'lora-bias-term': 'merged' },
    ...{ prompt: 'prompt', 'p-tuning': 'prompt', prefix: 'refused' },
  })) {
    const { runs, reason } = await described(name);
    assert.is(runs, want, name);
    assert.is(reason !== null, want === 'refused');
  }
  assert.match((await described('prefix')).reason!, 'PREFIX_TUNING');
});

test('a head for another task runs beside the weights too', async () => {
  const tensor = { shape: [2, 2], values: new Float32Array(4) };
  const source = memorySource('a classifier', {
    'adapter_config.json': JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: 2 }),
    'adapter_model.safetensors': safetensorsOf({
      'base_model.model.score.weight': tensor,
      'base_model.model.transformer.h.0.attn.c_attn.lora_A.weight': tensor,
      'base_model.model.transformer.h.0.attn.c_attn.lora_B.weight': tensor,
    }),
  });
  const { runs, changes } = await describeAdapter(source);
  assert.equal([runs, changes], ['beside', { 'score.weight': 1, 'transformer.h.*.attn.c_attn': 1 }]);
});

test('names of a strange file cannot command a terminal', async () => {
  const source = memorySource('strange', {
    'adapter_config.json': JSON.stringify({ peft_type: 'X\u001b[2J', base_model_name_or_path: '\u001b]0;' }),
    'adapter_model.safetensors': safetensorsOf({ '\u001b[31m': { shape: [1], values: new Float32Array(1) } }),
  });
  const rows = adapterRows('strange', await describeAdapter(source));
  assert.not.ok(rows.flat().join('').includes('\u001b'));
});

test.run();
