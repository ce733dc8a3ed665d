import { type Header, join, split } from '../checkpoints/support.js';
import type { MapperTensors } from './literal_mapper.js';
import { randomSource } from './random.js';
import { type GivenTensor, safetensorsOf } from './safetensors_of.js';

type Shapes = Readonly<Record<string, readonly number[]>>;

const linear = (name: string, inputs: number, outputs: number): Shapes => ({
  [`${name}.weight`]: [outputs, inputs],
  [`${name}.bias`]: [outputs],
});

/** Shapes of the tensors of a mapper of two matrices. */
export const mlpShapes = (features: number, hidden: number, outputs: number): Shapes => ({
  ...linear('model.0', features, hidden),
  ...linear('model.2', hidden, outputs),
});

/** Sizes of a mapper that is a transformer. */
export interface TransformerSizes {
  readonly features: number;
  readonly channels: number;
  readonly made: number;
  readonly vectors: number;
  readonly layers: number;
  /** 2 x channels by default. */
  readonly inner?: number;
}

/** Shapes of the tensors of a mapper that is a transformer. */
export function transformerShapes({
  features,
  channels,
  made,
  vectors,
  layers,
  inner = 2 * channels,
}: TransformerSizes): Shapes {
  const layer = (name: string): Shapes => ({
    [`${name}.norm1.weight`]: [channels],
    [`${name}.norm1.bias`]: [channels],
    [`${name}.attn.to_queries.weight`]: [channels, channels],
    [`${name}.attn.to_keys_values.weight`]: [2 * channels, channels],
    ...linear(`${name}.attn.project`, channels, channels),
    [`${name}.norm2.weight`]: [channels],
    [`${name}.norm2.bias`]: [channels],
    ...linear(`${name}.mlp.fc1`, channels, inner),
    ...linear(`${name}.mlp.fc2`, inner, channels),
  });
  return {
    prefix_const: [vectors, channels],
    ...linear('linear', features, made * channels),
    ...Object.assign({}, ...Array.from({ length: layers }, (_, i) => layer(`transformer.layers.${i}`))),
  };
}

/** Random tensors of these shapes, whose numbers BF16 has too: matrices shrink with their inputs, norms are near 1. */
export function randomTensors(
  shapes: Shapes,
  seed: number,
  dtype: GivenTensor['dtype'] = 'F32',
): MapperTensors {
  const random = randomSource(seed);
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const range = shape.length === 2 && name !== 'prefix_const' ? 2 / Math.sqrt(shape[1]!) : 1;
    const length = shape.reduce((product, size) => product * size);
    const values = Float32Array.from(
      { length },
      () => range * (random.uniform() - 0.5) + (/norm\d\.weight/.test(name) ? 1 : 0),
    );
    const bits = new Uint32Array(values.buffer);
    for (let i = 0; i < bits.length; i++) bits[i]! &= 0xffff0000;
    return [name, { shape, values, dtype }] as const;
  });
  return Object.fromEntries(tensors);
}

/** The tensors under their names in a file of ClipCap. */
export const inClipCap = (tensors: MapperTensors): MapperTensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`clip_project.${name}`, tensor]));

/** A file as ClipCap's training writes it, converted: a GPT-2 below `gpt.` and its mapper below `clip_project.`. */
export function clipCapFile(gpt2: Uint8Array, tensors: MapperTensors): Uint8Array {
  const model = split(gpt2);
  const mapper = split(safetensorsOf(inClipCap(tensors)));
  const header: Header = {};
  for (const [name, entry] of Object.entries(model.header)) header[`gpt.${name}`] = entry;
  for (const [name, entry] of Object.entries(mapper.header)) {
    const [start, end] = entry.data_offsets;
    header[name] = { ...entry, data_offsets: [start + model.data.length, end + model.data.length] };
  }
  return join(header, Buffer.concat([model.data, mapper.data]));
}
