import { convertModel, loadModel, loadTokenizer } from '../../../src/index.js';
import { array, typed, writeGguf } from '../../checkpoints/gguf/writer.js';
import type { Files } from '../../support/fixture_files.js';
import { config, orRefused, safetensors } from './checkpoints.js';
import { bytes, type GrowthCase, range } from './growth_case.js';

/** Layers of a model that is whole. */
export const layered = (layers: number): Files => {
  const shapes: [string, number[]][] = [
    ['wte.weight', [8, 4]],
    ['wpe.weight', [8, 4]],
    ['ln_f.weight', [4]],
    ['ln_f.bias', [4]],
    ...range(layers, (i): [string, number[]][] => [
      [`h.${i}.ln_1.weight`, [4]],
      [`h.${i}.ln_1.bias`, [4]],
      [`h.${i}.ln_2.weight`, [4]],
      [`h.${i}.ln_2.bias`, [4]],
      [`h.${i}.attn.c_attn.weight`, [4, 12]],
      [`h.${i}.attn.c_attn.bias`, [12]],
      [`h.${i}.attn.c_proj.weight`, [4, 4]],
      [`h.${i}.attn.c_proj.bias`, [4]],
      [`h.${i}.mlp.c_fc.weight`, [4, 16]],
      [`h.${i}.mlp.c_fc.bias`, [16]],
      [`h.${i}.mlp.c_proj.weight`, [16, 4]],
      [`h.${i}.mlp.c_proj.bias`, [4]],
    ]).flat(),
  ];
  let end = 0;
  const header = shapes.map(([name, shape]) => {
    const start = end;
    end += 4 * shape.reduce((product, size) => product * size);
    return [name, { dtype: 'F32', shape, data_offsets: [start, end] }];
  });
  const json = JSON.parse(new TextDecoder().decode(config));
  return {
    'config.json': bytes(JSON.stringify({ ...json, n_layer: layers })),
    'model.safetensors': safetensors(JSON.stringify(Object.fromEntries(header)), end),
  };
};

const WHOLE: GrowthCase[] = [
  {
    title: 'loadModel, many layers',
    size: 16,
    prepare(size) {
      const files = layered(size);
      return async () => (await loadModel(files, { threads: 1, build: 'simd' })).dispose();
    },
  },
  {
    title: 'convertModel, many layers',
    size: 16,
    prepare(size) {
      const files = layered(size);
      return async () => {
        for await (const _ of (await convertModel(files, { weights: 'q8' })).bytes());
      };
    },
  },
];

const TOKENS: GrowthCase[] = [
  {
    title: 'loadTokenizer, GGUF of many tokens',
    size: 500,
    prepare(size) {
      const tokens = range(size, (i) => `token${i}`);
      const file = writeGguf({
        metadata: [
          ['tokenizer.ggml.model', typed('string', 'gpt2')],
          ['tokenizer.ggml.pre', typed('string', 'gpt-2')],
          ['tokenizer.ggml.tokens', array('string', tokens)],
          [
            'tokenizer.ggml.merges',
            array(
              'string',
              range(size, (i) => `a b${i}`),
            ),
          ],
        ],
        tensors: [],
      });
      return orRefused(() => loadTokenizer({ 'model.gguf': file }));
    },
  },
];

export const MODELS: GrowthCase[] = [...WHOLE, ...TOKENS];
