import { type Files, type Header, join } from '../checkpoints/support.js';
import { randomSource } from './random.js';

/**
 * A model of one layer with 8 channels, context 16 and small random weights. `config` replaces fields of
 * config.json (undefined removes one); `head` is the seed of a separate output head, lm_head.weight.
 */
export function tinyModel(
  vocabSize: number,
  { config = {}, head }: { config?: Record<string, unknown>; head?: number } = {},
): Files {
  const [C, T] = [8, 16];
  const shapes: [string, number[]][] = [
    ['wte.weight', [vocabSize, C]],
    ['wpe.weight', [T, C]],
    ...['h.0.ln_1', 'h.0.ln_2', 'ln_f'].flatMap((name): [string, number[]][] => [
      [`${name}.weight`, [C]],
      [`${name}.bias`, [C]],
    ]),
    ...(
      [
        ['h.0.attn.c_attn', C, 3 * C],
        ['h.0.attn.c_proj', C, C],
        ['h.0.mlp.c_fc', C, 4 * C],
        ['h.0.mlp.c_proj', 4 * C, C],
      ] as const
    ).flatMap(([name, K, N]): [string, number[]][] => [
      [`${name}.weight`, [K, N]],
      [`${name}.bias`, [N]],
    ]),
  ];
  if (head !== undefined) shapes.push(['lm_head.weight', [vocabSize, C]]);
  const header: Header = {};
  const values: number[] = [];
  for (const [name, shape] of shapes) {
    const random = randomSource(name === 'lm_head.weight' ? head! : name === 'wte.weight' ? 1 : 2);
    const start = 4 * values.length;
    const count = shape.reduce((a, b) => a * b);
    for (let i = 0; i < count; i++) values.push(0.4 * (random.uniform() - 0.5));
    header[name] = { dtype: 'F32', shape, data_offsets: [start, 4 * values.length] };
  }
  const fields = {
    model_type: 'gpt2',
    vocab_size: vocabSize,
    n_positions: T,
    n_embd: C,
    n_layer: 1,
    n_head: 2,
    ...config,
  };
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return { 'config.json': JSON.stringify(fields), 'model.safetensors': join(header, data) };
}
