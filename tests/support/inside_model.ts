import { readFileSync } from 'node:fs';

/** A model of random weights; the folder also has results of transformers. */
export const insideModel = new URL('../fixtures/inside/', import.meta.url);

const WIDTH = 32;

/** A file of the folder, with arrays as numbers. */
export function insideFile(name: string) {
  return JSON.parse(readFileSync(new URL(name, insideModel), 'utf8'), (_, value) => {
    if (value?.f32_base64 === undefined) return value;
    return new Float32Array(Uint8Array.from(Buffer.from(value.f32_base64, 'base64')).buffer);
  });
}

/** The embeddings of tokens, one after the other. */
export function embeddingsOf(ids: readonly number[]): Float32Array {
  const file = readFileSync(new URL('model.safetensors', insideModel));
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, start).toString());
  const [from, to] = header['transformer.wte.weight'].data_offsets;
  const wte = new Float32Array(Uint8Array.from(file.subarray(start + from, start + to)).buffer);
  return Float32Array.from(ids.flatMap((id) => [...wte.subarray(WIDTH * id, WIDTH * (id + 1))]));
}
