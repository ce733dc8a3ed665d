import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { toHalf } from '../../../build/js/src/dtypes/to_half.js';
import { CONTEXT, SHAPES, VOCABULARY } from './shapes.mjs';

/** Folders with tokenizers, by the size of the vocabulary. */
const TOKENIZERS = { [VOCABULARY]: 'gpt2-tokenizer', 1024: 'stories-tiny' };

/** Standard deviation of GPT-2's initial weights. */
const SCALE = 0.02;

/** Names and shapes of a checkpoint's tensors, in the order of the file; with `sees` it has cross-attention. */
export function gpt2Tensors({ n_embd: C, n_layer, vocab_size = VOCABULARY }, sees = false) {
  const list = [
    ['wte.weight', [vocab_size, C]],
    ['wpe.weight', [CONTEXT, C]],
  ];
  for (let layer = 0; layer < n_layer; layer++) {
    const add = (name, ...shape) => list.push([`h.${layer}.${name}`, shape]);
    add('ln_1.weight', C);
    add('ln_1.bias', C);
    add('attn.c_attn.weight', C, 3 * C);
    add('attn.c_attn.bias', 3 * C);
    add('attn.c_proj.weight', C, C);
    add('attn.c_proj.bias', C);
    if (sees) {
      add('ln_cross_attn.weight', C);
      add('ln_cross_attn.bias', C);
      add('crossattention.c_attn.weight', C, 2 * C);
      add('crossattention.c_attn.bias', 2 * C);
      add('crossattention.q_attn.weight', C, C);
      add('crossattention.q_attn.bias', C);
      add('crossattention.c_proj.weight', C, C);
      add('crossattention.c_proj.bias', C);
    }
    add('ln_2.weight', C);
    add('ln_2.bias', C);
    add('mlp.c_fc.weight', C, 4 * C);
    add('mlp.c_fc.bias', 4 * C);
    add('mlp.c_proj.weight', 4 * C, C);
    add('mlp.c_proj.bias', C);
  }
  list.push(['ln_f.weight', [C]], ['ln_f.bias', [C]]);
  return list;
}

/** Uniform numbers of standard deviation `SCALE`, the same on every machine (xorshift32). */
function* randomChunks(count, state) {
  const width = SCALE * Math.sqrt(12);
  for (let left = count; left > 0; ) {
    const chunk = new Float32Array(Math.min(left, 1 << 20));
    for (let i = 0; i < chunk.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      chunk[i] = (state / 2 ** 32) * width;
    }
    left -= chunk.length;
    yield chunk;
  }
}

const elements = (shape) => shape.reduce((product, size) => product * size, 1);

/** The folder of a checkpoint with random weights and a tokenizer, written when it is not there yet (124M: 498 MB). */
export function randomModel(cacheFolder, size = '124M') {
  const folder = join(cacheFolder, `gpt2-${size.toLowerCase()}-random`);
  if (existsSync(join(folder, 'merges.txt'))) return folder;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const { dtype, ...shape } = SHAPES[size];
  const config = {
    ...{ model_type: 'gpt2', activation_function: 'gelu_new', eos_token_id: VOCABULARY - 1 },
    ...{ vocab_size: VOCABULARY, n_positions: CONTEXT },
    ...shape,
  };
  writeFileSync(join(unfinished, 'config.json'), JSON.stringify(config));
  writeTensors(join(unfinished, 'model.safetensors'), gpt2Tensors(shape), dtype);
  const tokenizer = new URL(`../../../tests/fixtures/${TOKENIZERS[config.vocab_size]}/`, import.meta.url);
  for (const name of ['vocab.json', 'merges.txt'])
    copyFileSync(new URL(name, tokenizer), join(unfinished, name));
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
  return folder;
}

/** f32 numbers in half precision. */
function halves(values) {
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) bits[i] = toHalf(values[i]);
  return bits;
}

/** Writes random tensors, [name, shape] each, as safetensors. Gains of norms are 1. */
export function writeTensors(path, list, dtype) {
  const header = {};
  let offset = 0;
  for (const [name, shape] of list) {
    const end = offset + (dtype === 'F32' ? 4 : 2) * elements(shape);
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = openSync(path, 'w');
  writeSync(file, length);
  writeSync(file, json);
  list.forEach(([name, shape], index) => {
    const isGain = /(ln_\w+|layernorm\w*)\.weight$/.test(name);
    const values = isGain
      ? [new Float32Array(elements(shape)).fill(1)]
      : randomChunks(elements(shape), index + 1);
    for (const chunk of values) writeSync(file, dtype === 'F32' ? chunk : halves(chunk));
  });
  closeSync(file);
}
