import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/** The shape of GPT-2 124M. */
const SHAPE = { vocab_size: 50257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 };

/** Standard deviation of GPT-2's initial weights. */
const SCALE = 0.02;

function tensors({ vocab_size: V, n_positions: T, n_embd: C, n_layer }) {
  const list = [
    ['wte.weight', [V, C]],
    ['wpe.weight', [T, C]],
  ];
  for (let layer = 0; layer < n_layer; layer++) {
    const add = (name, ...shape) => list.push([`h.${layer}.${name}`, shape]);
    add('ln_1.weight', C);
    add('ln_1.bias', C);
    add('attn.c_attn.weight', C, 3 * C);
    add('attn.c_attn.bias', 3 * C);
    add('attn.c_proj.weight', C, C);
    add('attn.c_proj.bias', C);
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

/** The folder of a 124M checkpoint with random weights in f32, written when it is not there yet (498 MB). */
export function randomModel(cacheFolder) {
  const folder = join(cacheFolder, 'gpt2-124m-random');
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const config = { model_type: 'gpt2', activation_function: 'gelu_new', eos_token_id: 50256, ...SHAPE };
  writeFileSync(join(unfinished, 'config.json'), JSON.stringify(config));

  const header = {};
  let offset = 0;
  for (const [name, shape] of tensors(SHAPE)) {
    const bytes = 4 * shape.reduce((product, size) => product * size, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = openSync(join(unfinished, 'model.safetensors'), 'w');
  writeSync(file, length);
  writeSync(file, json);
  tensors(SHAPE).forEach(([name, shape], index) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const isGain = /ln_\w+\.weight$/.test(name);
    for (const chunk of isGain ? [new Float32Array(count).fill(1)] : randomChunks(count, index + 1))
      writeSync(file, chunk);
  });
  closeSync(file);
  renameSync(unfinished, folder);
  return folder;
}
