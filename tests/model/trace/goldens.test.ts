import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, loadModel, type TraceOptions } from '../../../src/index.js';
import { insideFile, insideModel } from '../../support/inside_model.js';

const model = await loadModel(insideModel, { build: 'simd' });
test.after(() => model.dispose());

interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Arrays of transformers are read as their numbers, in the field that has the shape beside it. */
const expected = (file: string) => insideFile(file);

function assertNear(got: Numbers | undefined, want: Float32Array, what: string): void {
  assert.is(got?.data.length, want.length, what);
  got!.data.forEach((value, i) => {
    const far = Math.abs(value - want[i]!) / Math.max(1, Math.abs(want[i]!));
    assert.ok(far <= 5e-5, `${what}, ${i}: ${value}, ${want[i]}`);
  });
}

const { input_ids: ids } = expected('model.json');
const trace = (options: TraceOptions) => model.trace(ids, options);

test('the residual stream, attention and logits are those of transformers', async () => {
  const { hidden_states, attentions, logits_f32_base64 } = expected('model.json');
  const { values, logits } = await trace({
    read: ['blocks.*.hook_resid_pre', 'ln_final.hook_normalized', 'blocks.*.attn.hook_pattern'],
    logits: 'all',
  });
  for (let layer = 0; layer < 3; layer++) {
    assertNear(values[`blocks.${layer}.hook_resid_pre`], hidden_states[layer], `before ${layer}`);
    assertNear(values[`blocks.${layer}.attn.hook_pattern`], attentions[layer], `attention ${layer}`);
  }
  assertNear(values['ln_final.hook_normalized'], hidden_states[3], 'final');
  const bytes = Uint8Array.from(Buffer.from(logits_f32_base64, 'base64'));
  assertNear(logits, new Float32Array(bytes.buffer), 'logits');
});

test('what attention and MLP add is that of transformers', async () => {
  const { outputs } = expected('parts.json');
  const { values } = await trace({ read: ['blocks.*.hook_attn_out', 'blocks.*.hook_mlp_out'] });
  for (let layer = 0; layer < 3; layer++) {
    assertNear(values[`blocks.${layer}.hook_attn_out`], outputs[`attn${layer}`], `attention ${layer}`);
    assertNear(values[`blocks.${layer}.hook_mlp_out`], outputs[`mlp${layer}`], `MLP ${layer}`);
  }
});

test('the logit lens is that of transformers', async () => {
  const { layers } = expected('lens.json');
  const names = [0, 1, 2].map((layer) => `blocks.${layer}.hook_resid_pre.logits`);
  names.push('blocks.2.hook_resid_post.logits');
  const { values } = await trace({ read: names });
  names.forEach((name, i) => {
    assertNear(values[name], layers[i], name);
  });
});

test('heads that are zeroed or scaled change the logits as in transformers', async () => {
  for (const { heads, scale, logits } of expected('heads.json').cases) {
    const edit = heads.map(([layer, head]: [number, number]): Edit => {
      const change = scale === undefined ? { op: 'zero' as const } : { op: 'scale' as const, value: scale };
      return { hook: `blocks.${layer}.attn.hook_z`, heads: [head], ...change };
    });
    assertNear((await trace({ edit, logits: 'all' })).logits, logits, JSON.stringify(heads));
  }
});

test('a vector that is added to the residual stream steers as in transformers', async () => {
  const { vector, cases } = expected('steer.json');
  const places: Record<string, Edit['positions']> = {
    all: 'all',
    last: [-1],
    'from 8': [8, 9, 10, 11, 12, 13, 14, 15],
  };
  for (const { after_layer, positions, scale, logits } of cases) {
    const value = vector.map((x: number) => scale * x);
    const hook = `blocks.${after_layer}.hook_resid_post`;
    const edit: Edit[] = [{ hook, positions: places[positions], op: 'add', value }];
    assertNear((await trace({ edit, logits: 'all' })).logits, logits, `${after_layer} ${positions}`);
  }
});

test('a residual stream of another text is patched in as in transformers', async () => {
  const { source_ids, cases } = expected('patch.json');
  for (const { after_layer, position, logits } of cases) {
    const hook = `blocks.${after_layer}.hook_resid_post`;
    const source = await model.trace(source_ids, { read: [hook], positions: [position], logits: 'none' });
    const edit: Edit[] = [{ hook, positions: [position], op: 'replace', value: source.values[hook]!.data }];
    assertNear((await trace({ edit, logits: 'all' })).logits, logits, `${after_layer} ${position}`);
  }
});

test.run();
