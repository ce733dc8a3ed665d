import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { StoredModel } from '../stored_model.js';
import { SIZES_FILE } from './file_names.js';

/** A layer's number, the part of the model, and its gain, bias or matrix. */
const PART = /^model\/(?:h(\d+)\/)?(.+?)(?:\/([gbw]))?$/;
/** Numbers that an optimizer keeps for a weight, under the weight's name and a further part. */
const OPTIMIZER = /\/(?:[gbw]|wte|wpe)\/[^/]+$/;

/** How OpenAI's code stores a model of this config. */
export function tensorflowModel(source: string, { layers }: ModelConfig): StoredModel {
  return {
    source,
    layers,
    config: SIZES_FILE,
    layersField: `n_layer in ${SIZES_FILE}`,
    layerPrefix: 'h',
    canonicalName,
    nameOf: (name) => name,
    layoutOf: (parameter) => parameter,
    // Matrices were the filters of convolutions of width 1.
    fits: (stored, parameter) => String(withoutOnes(stored, parameter.length)) === String(parameter),
  };
}

/** The name of `modelParameters` for a variable; undefined for those of optimizers and others outside of the model. */
function canonicalName(stored: string): string | undefined {
  const [, layer, part, end] = PART.exec(stored) ?? [];
  if (part === undefined || OPTIMIZER.test(stored)) return undefined;
  const name = `${part.replaceAll('/', '.')}.${end === 'b' ? 'bias' : 'weight'}`;
  return layer === undefined ? name : `h.${layer}.${name}`;
}

/** A shape without leading dimensions of length 1, as far as it has more than `dimensions`. */
function withoutOnes(shape: readonly number[], dimensions: number): readonly number[] {
  const more = shape.length - dimensions;
  return more > 0 && shape.slice(0, more).every((length) => length === 1) ? shape.slice(more) : shape;
}
