import { inspectModel } from '../../../src/index.js';
import { array, typed, writeGguf } from '../../checkpoints/gguf/writer.js';
import type { Files } from '../../support/fixture_files.js';
import { writeBundle } from '../../support/tensorflow_bundle.js';
import { legacyFile, WrittenTensor, zipFile } from '../../support/torch_writer.js';
import { bytes, type Call, type GrowthCase, range } from './growth_case.js';

/** Calls `read`, which may refuse the input. */
export const orRefused =
  (read: () => Promise<unknown>): Call =>
  () =>
    read().catch((error: { name: string }) => {
      if (error.name !== 'Gpt2Error') throw error;
    });

export const config = bytes(
  JSON.stringify({ model_type: 'gpt2', vocab_size: 8, n_positions: 8, n_embd: 4, n_layer: 1, n_head: 1 }),
);

/** The header of a safetensors file, without its data. */
export function safetensors(header: string, dataBytes: number): Uint8Array {
  const file = new Uint8Array(8 + header.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(bytes(header), 8);
  return file;
}

const tensors = (count: number, name = (i: number) => `h.${i}.attn.c_attn.weight`) =>
  JSON.stringify(
    Object.fromEntries(
      range(count, (i) => [name(i), { dtype: 'F32', shape: [1], data_offsets: [4 * i, 4 * i + 4] }]),
    ),
  );

const storage = (key: string) => ({ key, type: 'FloatStorage', length: 1, bytes: new Uint8Array(4) });
const dictionary = (size: number) =>
  new Map(range(size, (i) => [`h.${i}.ln_1.weight`, new WrittenTensor(storage(`${i}`), 0, [1], [1])]));

function inspected(title: string, size: number, files: (size: number) => Files): GrowthCase {
  return {
    ...{ title: `inspectModel, ${title}`, size },
    prepare(size) {
      const given = files(size);
      return orRefused(() => inspectModel(given));
    },
  };
}

export const CHECKPOINTS: GrowthCase[] = [
  inspected('safetensors of many tensors', 500, (size) => ({
    'config.json': config,
    'model.safetensors': safetensors(tensors(size), 4 * size),
  })),
  inspected('safetensors of many tensors of other names', 500, (size) => ({
    'config.json': config,
    'model.safetensors': safetensors(
      tensors(size, (i) => `weight ${i}`),
      4 * size,
    ),
  })),
  inspected('an index of many tensors', 500, (size) => ({
    'config.json': config,
    'model.safetensors.index.json': bytes(
      JSON.stringify({
        weight_map: Object.fromEntries(range(size, (i) => [`h.${i}.ln_1.weight`, 'a.safetensors'])),
      }),
    ),
    'a.safetensors': safetensors(
      tensors(size, (i) => `h.${i}.ln_1.weight`),
      4 * size,
    ),
  })),
  inspected('an index of many files', 200, (size) => ({
    'config.json': config,
    'model.safetensors.index.json': bytes(
      JSON.stringify({
        weight_map: Object.fromEntries(range(size, (i) => [`h.${i}.ln_1.weight`, `${i}.safetensors`])),
      }),
    ),
    ...Object.fromEntries(
      range(size, (i) => [
        `${i}.safetensors`,
        safetensors(
          tensors(1, () => `h.${i}.ln_1.weight`),
          4,
        ),
      ]),
    ),
  })),
  inspected('a config.json of many fields', 500, (size) => ({
    'config.json': bytes(
      `{${range(size, (i) => `"field ${i}":${i},`).join('')}${new TextDecoder().decode(config).slice(1)}`,
    ),
    'model.safetensors': safetensors(tensors(1), 4),
  })),
  inspected('a folder of many files', 500, (size) => ({
    'config.json': config,
    'model.safetensors': safetensors(tensors(1), 4),
    ...Object.fromEntries(range(size, (i) => [`folder/${i}.txt`, bytes('a')])),
  })),
  inspected('GGUF of many tensors', 500, (size) => ({
    'model.gguf': writeGguf({
      metadata: [['general.architecture', typed('string', 'gpt2')]],
      tensors: range(size, (i) => ({
        name: `blk.${i}.attn_norm.weight`,
        dimensions: [1],
        type: 'F32' as const,
        data: new Uint8Array(4),
      })),
    }),
  })),
  inspected('GGUF of much metadata', 500, (size) => ({
    'model.gguf': writeGguf({
      metadata: [
        ['general.architecture', typed('string', 'gpt2')],
        ...range(size, (i) => [`key.${i}`, array('string', ['a', 'b'])] as const),
      ],
      tensors: [],
    }),
  })),
  inspected('PyTorch archive of many tensors', 60, (size) => ({
    'config.json': config,
    'pytorch_model.bin': zipFile(dictionary(size)),
  })),
  inspected('PyTorch file before 1.6 of many tensors', 60, (size) => ({
    'config.json': config,
    'pytorch_model.bin': legacyFile(dictionary(size)),
  })),
  inspected('TensorFlow index of many tensors', 200, (size) => ({
    'hparams.json': bytes('{"n_vocab":8,"n_ctx":8,"n_embd":4,"n_head":1,"n_layer":1}'),
    checkpoint: bytes('model_checkpoint_path: "model.ckpt"\n'),
    ...writeBundle(
      'model.ckpt',
      range(size, (i) => ({ name: `model/h${i}/ln_1/b`, shape: [1], data: new Uint8Array(4) })),
    ),
  })),
];
