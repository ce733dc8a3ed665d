import { Gpt2Error } from '../../base/errors.js';
import { DTYPES, isDtype } from '../../dtypes/tensor_types.js';
import type { MapperFile } from './mapper_file.js';

/** Linear, tanh, linear: from features to P x C numbers. */
export interface MlpShape {
  readonly kind: 'mlp';
  /** D: numbers that the mapper takes. */
  readonly features: number;
  /** Numbers between the two matrices. */
  readonly innerChannels: number;
  /** P x C, of which the file does not say the parts. */
  readonly outputs: number;
}

/** A transformer over vectors made of the features and learned ones, which become the prefix. */
export interface TransformerShape {
  readonly kind: 'transformer';
  /** D: numbers that the mapper takes. */
  readonly features: number;
  /** C */
  readonly channels: number;
  /** Vectors that the features become. */
  readonly made: number;
  /** P: learned vectors. */
  readonly vectors: number;
  readonly layers: number;
  /** Width inside the MLP of a layer. */
  readonly innerChannels: number;
}

export type MapperShape = MlpShape | TransformerShape;

type Shape = readonly number[];

/**
 * The kind and the sizes of a mapper, by the shapes of its tensors. Throws `invalid-file` for tensors that are
 * missing or do not fit, and `unsupported` for other tensors and number formats.
 */
export function mapperShape(file: MapperFile): MapperShape {
  const { tensors } = file;
  if (!tensors.has('prefix_const') && !tensors.has('model.0.weight')) {
    throw new Gpt2Error(
      'not-found',
      `${whereOf(file)} has no mapper of ClipCap: neither clip_project.model.0.weight nor clip_project.prefix_const`,
    );
  }
  return tensors.has('prefix_const') ? transformerShape(file) : mlpShape(file);
}

function mlpShape(file: MapperFile): MlpShape {
  const [hidden, features] = matrix(file, 'model.0.weight');
  const [outputs] = matrix(file, 'model.2.weight');
  checkTensors(file, { ...linear('model.0', features, hidden), ...linear('model.2', hidden, outputs) });
  return { kind: 'mlp', features, innerChannels: hidden, outputs };
}

function transformerShape(file: MapperFile): TransformerShape {
  const [vectors, channels] = matrix(file, 'prefix_const');
  const [columns, features] = matrix(file, 'linear.weight');
  const [innerChannels] = matrix(file, 'transformer.layers.0.mlp.fc1.weight');
  const made = columns / channels;
  if (!Number.isInteger(made)) {
    throw new Gpt2Error(
      'invalid-file',
      `${whereOf(file)}: linear.weight gives ${columns} numbers, which are no vectors of ${channels}, the width of prefix_const`,
    );
  }
  const numbers = Array.from(file.tensors.keys(), (name) => /^transformer\.layers\.(\d+)\./.exec(name)?.[1]);
  const layers = new Set(numbers.filter((number) => number !== undefined)).size;
  checkTensors(file, {
    prefix_const: [vectors, channels],
    ...linear('linear', features, columns),
    ...Object.assign({}, ...Array.from({ length: layers }, (_, i) => layer(i, channels, innerChannels))),
  });
  return { kind: 'transformer', features, channels, made, vectors, layers, innerChannels };
}

const linear = (name: string, inputs: number, outputs: number): Record<string, Shape> => ({
  [`${name}.weight`]: [outputs, inputs],
  [`${name}.bias`]: [outputs],
});

function layer(index: number, channels: number, innerChannels: number): Record<string, Shape> {
  const name = `transformer.layers.${index}`;
  const norm = (which: string) => ({
    [`${name}.${which}.weight`]: [channels],
    [`${name}.${which}.bias`]: [channels],
  });
  return {
    ...norm('norm1'),
    [`${name}.attn.to_queries.weight`]: [channels, channels],
    [`${name}.attn.to_keys_values.weight`]: [2 * channels, channels],
    ...linear(`${name}.attn.project`, channels, channels),
    ...norm('norm2'),
    ...linear(`${name}.mlp.fc1`, channels, innerChannels),
    ...linear(`${name}.mlp.fc2`, innerChannels, channels),
  };
}

/** The rows and columns of a tensor. Throws `invalid-file` if it is no matrix. */
function matrix(file: MapperFile, name: string): readonly [number, number] {
  const shape = file.tensors.get(name)?.shape;
  const [rows, columns, ...others] = shape ?? [];
  if (rows && columns && others.length === 0) return [rows, columns];
  const problem =
    shape === undefined ? `no tensor ${name}` : `the tensor ${name} of shape [${shape.join(', ')}]`;
  throw new Gpt2Error('invalid-file', `${whereOf(file)} has ${problem}; a mapper has it as a matrix`);
}

/** Throws unless a mapper has these tensors and no others. */
function checkTensors(file: MapperFile, wanted: Readonly<Record<string, Shape>>): void {
  for (const [name, shape] of Object.entries(wanted)) {
    const tensor = file.tensors.get(name);
    const is = tensor === undefined ? 'is missing' : `is ${tensor.dtype} [${tensor.shape.join(', ')}]`;
    if (tensor !== undefined && isDtype(tensor.dtype) && String(tensor.shape) === String(shape)) continue;
    throw new Gpt2Error(
      'invalid-file',
      `${whereOf(file)}: the tensor ${name} ${is}; by the others it must be ${DTYPES.join(', ')} of shape [${shape.join(', ')}]`,
    );
  }
  for (const name of file.tensors.keys()) {
    if (Object.hasOwn(wanted, name)) continue;
    throw new Gpt2Error(
      'unsupported',
      `${whereOf(file)} has the tensor ${JSON.stringify(name)}, which is no part of a ClipCap mapper`,
    );
  }
}

const whereOf = ({ source, path }: MapperFile) => `${path} of ${source.name}`;
