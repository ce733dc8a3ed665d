import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WEIGHT_FORMATS } from '../../src/dtypes/weight_formats.js';
import type { ModelSource } from '../../src/files/source.js';
import { loadModel, loadTokenizer } from '../../src/model/load_model.js';
import { encode } from '../dtypes/blocks.js';
import { expectedOf } from '../support/checkpoints.js';
import { memorySource } from '../support/sources.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { ggufSource, modelFile, type TypeOf } from './gguf/models.js';
import { TENSOR_TYPES, type TensorType, writeGguf } from './gguf/writer.js';
import { fixture, join, split } from './support.js';

const OPTIONS = { build: 'simd', threads: 1 } as const;

/** Bits of a NaN and of minus infinity. */
const BITS = {
  F32: [0x7f800001, 0xff800000],
  F16: [0x7c01, 0xfc00],
  BF16: [0x7f81, 0xff80],
} as const;

/** Weights of each kind. */
const TENSORS = ['wte.weight', 'wpe.weight', 'h.0.attn.c_attn.bias', 'h.1.mlp.c_proj.weight', 'ln_f.weight'];

/** A fixture with the bits of one number of a tensor replaced; a negative index counts from the end. */
function withBits(name: string, tensor: string, index: number, bits: number): ModelSource {
  const files: Record<string, Uint8Array> = fixture(name);
  for (const [path, bytes] of Object.entries(files)) {
    if (!path.endsWith('.safetensors')) continue;
    const { header, data } = split(bytes);
    const stored = Object.keys(header).find((key) => key === tensor || key === `transformer.${tensor}`);
    if (stored === undefined) continue;
    const { dtype, data_offsets } = header[stored]!;
    const size = dtype === 'F32' ? 4 : 2;
    const copy = Uint8Array.from(data);
    const at = index < 0 ? data_offsets[1] + size * index : data_offsets[0] + size * index;
    for (let i = 0; i < size; i++) copy[at + i] = bits >>> (8 * i);
    files[path] = join(header, copy);
    return memorySource('changed', files);
  }
  throw new Error(`${name} has no ${tensor}`);
}

for (const [name, dtype] of [
  ['base', 'F32'],
  ['odd-sizes', 'F32'],
  ['f16-prefixed-masks', 'F16'],
  ['bf16-sharded', 'BF16'],
] as const) {
  for (const weights of WEIGHT_FORMATS) {
    test(`${name}, stored in ${dtype}, in ${weights}: NaN and infinity are refused by the tensor's name`, async () => {
      for (const tensor of TENSORS) {
        for (const [index, bits, words] of [
          [0, BITS[dtype][0], 'a weight that is not a number (NaN)'],
          [-1, BITS[dtype][1], 'a weight that is infinite'],
        ] as const) {
          await thrown(
            () => loadModel(withBits(name, tensor, index, bits), { ...OPTIONS, weights }),
            'invalid-file',
            new RegExp(`tensor "(transformer\\.)?${tensor}" in model\\S*\\.safetensors of changed: `),
            words,
          );
        }
      }
    });
  }
}

test('the largest numbers of each type are weights like any other', async () => {
  for (const [name, bits] of [
    ['base', 0xff7fffff],
    ['f16-prefixed-masks', 0xfbff],
    ['bf16-sharded', 0x7f7f],
  ] as const) {
    (await loadModel(withBits(name, 'ln_f.bias', -1, bits), OPTIONS)).dispose();
    (await loadModel(withBits(name, 'wte.weight', 3, bits), OPTIONS)).dispose();
  }
});

test('a weight beyond the scales of q8 or q4 is refused there, and loads in f32', async () => {
  const float = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0]!;
  for (const [weights, most] of [
    ['q8', 127 * 65504],
    ['q4', 7 * 65504],
  ] as const) {
    for (const tensor of ['wte.weight', 'h.0.mlp.c_fc.weight']) {
      for (const sign of [1, -1]) {
        const fits = withBits('base', tensor, 5, float(sign * most));
        (await loadModel(fits, { ...OPTIONS, weights })).dispose();
        const large = withBits('base', tensor, 5, float(sign * most * 1.01));
        await thrown(
          () => loadModel(large, { ...OPTIONS, weights }),
          'unsupported',
          tensor,
          `${weights} holds at most ${most}`,
        );
        (await loadModel(large, OPTIONS)).dispose();
      }
    }
  }
});

const matricesAs =
  (type: TensorType): TypeOf =>
  (_name, shape) =>
    shape.length === 2 && shape[1]! % TENSOR_TYPES[type].weights === 0 ? type : 'F32';

for (const type of ['F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1'] as const) {
  test(`a GGUF file with matrices in ${type}: scales that are not finite are refused in every format`, async () => {
    const bits = type === 'BF16' ? BITS.BF16 : BITS.F16;
    for (const [parameter, name] of [
      ['wte.weight', 'token_embd.weight'],
      ['h.1.mlp.c_fc.weight', 'blk.1.ffn_up.weight'],
    ] as const) {
      const { bytes: blockBytes } = TENSOR_TYPES[type];
      for (const [i, value] of bits.entries()) {
        const file = modelFile('wide-head', matricesAs(type), encode);
        const tensor = file.tensors.find((candidate) => candidate.name === name)!;
        assert.is(tensor.type, type);
        tensor.data.set([value, value >>> 8], i === 0 ? 0 : tensor.data.length - blockBytes);
        const source = ggufSource(writeGguf(file));
        for (const weights of WEIGHT_FORMATS) {
          await thrown(
            () => loadModel(source, { ...OPTIONS, weights }),
            'invalid-file',
            `tensor "${name}" in model.gguf of memory: ${parameter} has a `,
            /NaN|infinite/,
          );
        }
      }
    }
  });
}

for (const weights of WEIGHT_FORMATS) {
  test(`${weights}: weights that overflow on the way give an error in place of logits, and the model goes on`, async () => {
    // The weight is finite, but its product with a normed row is not.
    const source = withBits('base', 'ln_f.weight', 0, 0x7f7fffff);
    const model = await loadModel(source, {
      ...OPTIONS,
      weights,
      tokenizer: await loadTokenizer(storiesTiny),
    });
    const ids = expectedOf('base').input_ids;
    for (const call of [
      () => model.logits(ids),
      () => model.score(ids),
      () => model.generate(ids, { temperature: 0 }),
      () => model.generate(ids, { bannedTokens: [1], topK: 5 }),
    ]) {
      await thrown(call, 'runtime', 'NaN or infinite');
    }
    model.dispose();
  });
}

test.run();
