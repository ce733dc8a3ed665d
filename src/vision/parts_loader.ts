import type { Parameter } from '../architecture/gpt2/parameters.js';
import type { WeightLoader } from '../checkpoints/weight_loader.js';
import type { BlockType, TensorType } from '../dtypes/tensor_types.js';

/** Passes each parameter to the loader of the model that it belongs to, so that one file is read once. */
export class PartsLoader implements WeightLoader {
  readonly #encoderNames: ReadonlyMap<string, unknown>;
  readonly #encoder: WeightLoader;
  readonly #decoder: WeightLoader;

  /** `encoderNames` has the names of the encoder's parameters. */
  constructor(encoderNames: ReadonlyMap<string, unknown>, encoder: WeightLoader, decoder: WeightLoader) {
    this.#encoderNames = encoderNames;
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  takesBlocks(parameter: Parameter, type: BlockType): boolean {
    return this.#loaderOf(parameter).takesBlocks(parameter, type);
  }

  pack(parameter: Parameter, firstRow: number, rowCount: number, bytes: Uint8Array, type: TensorType): void {
    this.#loaderOf(parameter).pack(parameter, firstRow, rowCount, bytes, type);
  }

  #loaderOf({ name }: Parameter): WeightLoader {
    return this.#encoderNames.has(name) ? this.#encoder : this.#decoder;
  }
}
