import { readFileSync } from 'node:fs';
import { randomSource } from './random.js';
import { type GivenTensor, safetensorsOf } from './safetensors_of.js';
import { storiesTiny } from './stories_tiny.js';

/** The folder of a model with a head: fixtures/heads/NOTICE.txt. */
export const headsModel = (name: string): URL => new URL(`../fixtures/heads/${name}/`, import.meta.url);

/** What transformers computes with a model, with arrays as numbers. */
export function headsFile(name: string) {
  return JSON.parse(readFileSync(new URL('expected.json', headsModel(name)), 'utf8'), (_, value) => {
    if (value?.f32_base64 === undefined) return value;
    return new Float32Array(Uint8Array.from(Buffer.from(value.f32_base64, 'base64')).buffer);
  });
}

/** The files of stories-tiny, which reads texts, with heads of random numbers beside its own tensors. */
export function storiesWithHeads(
  heads: Readonly<Record<string, readonly number[]>>,
  config: object = {},
  seed = 5,
): Record<string, Uint8Array> {
  const read = (name: string) => new Uint8Array(readFileSync(new URL(name, storiesTiny)));
  const random = randomSource(seed);
  const given = Object.entries(heads).map(([name, shape]): [string, GivenTensor] => {
    const length = shape.reduce((product, size) => product * size);
    return [name, { shape, values: Float32Array.from({ length }, () => random.uniform() - 0.5) }];
  });
  const json = JSON.parse(new TextDecoder().decode(read('config.json')));
  return {
    'config.json': new TextEncoder().encode(JSON.stringify({ ...json, ...config })),
    'model.safetensors': joined(read('model.safetensors'), safetensorsOf(Object.fromEntries(given))),
    'vocab.json': read('vocab.json'),
    'merges.txt': read('merges.txt'),
  };
}

/** The tensors of two files in one. */
function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const parts = [first, second].map((bytes) => {
    const buffer = Buffer.from(bytes);
    const start = 8 + Number(buffer.readBigUInt64LE(0));
    return { header: JSON.parse(buffer.subarray(8, start).toString()), data: buffer.subarray(start) };
  });
  const shift = parts[0]!.data.length;
  for (const tensor of Object.values(parts[1]!.header) as { data_offsets: number[] }[])
    tensor.data_offsets = tensor.data_offsets.map((offset) => offset + shift);
  const header = Buffer.from(JSON.stringify({ ...parts[0]!.header, ...parts[1]!.header }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return new Uint8Array(Buffer.concat([length, header, ...parts.map(({ data }) => data)]));
}
