import { addProduct, type LoraAdapter } from '../architecture/gpt2/lora.js';
import { modelParameters, type Parameter } from '../architecture/gpt2/parameters.js';
import { areFinite } from '../base/finite.js';
import { AdapterSum } from '../checkpoints/peft/adapter_sum.js';
import { MergingLoader } from '../checkpoints/peft/merging_loader.js';
import { planThreads } from '../core/threads/plan.js';
import type { TrainCore } from '../core/training/train_core.js';
import { WasmCore } from '../core/wasm_core.js';
import { diverged } from './diverged.js';
import { trainedAdapter } from './state/lora_run.js';
import type { BestWeights } from './state/training_state.js';
import { bytesOf, rowPieces } from './state/weight_pieces.js';

/** The weights that a run has after a step: the best ones if they are kept, else those in the core. */
export class TrainedWeights {
  readonly #core: TrainCore;
  readonly #best: BestWeights | undefined;
  readonly #step: number;

  constructor(core: TrainCore, best: BestWeights | undefined, step: number) {
    this.#core = core;
    this.#best = best;
    this.#step = step;
  }

  /**
   * The rows of a weight in pieces, in the layout of a checkpoint. Throws `runtime` if a number is not
   * finite.
   */
  *rows(parameter: Parameter): Generator<Float32Array> {
    const best = this.#best?.get(parameter.name);
    const columns = parameter.shape.at(-1)!;
    for (const { firstRow, count } of rowPieces(parameter)) {
      yield best === undefined
        ? this.#finite(parameter, this.#core.read('weights', parameter, firstRow, count))
        : best.subarray(firstRow * columns, (firstRow + count) * columns);
    }
  }

  /** As `rows`, with the adapter added if one is trained; for the weights of the model itself. */
  *mergedRows(parameter: Parameter): Generator<Float32Array> {
    const pair = this.adapter()?.pairs.get(parameter.name);
    let row = 0;
    for (const values of this.rows(parameter)) {
      if (pair !== undefined) addProduct(pair, pair.scale, values, row, parameter.kind === 'conv1d');
      row += values.length / parameter.shape.at(-1)!;
      yield values;
    }
  }

  /** A copy of the adapter, if one is trained. Throws `runtime` if a number is not finite. */
  adapter(): LoraAdapter | undefined {
    const { lora } = this.#core.shape;
    const copyOf = (parameter: Parameter) =>
      this.#best?.get(parameter.name)?.slice() ??
      this.#finite(parameter, this.#core.read('weights', parameter));
    return lora && trainedAdapter(this.#core, lora, copyOf);
  }

  /** A core that generates with the weights, an adapter merged into them. Throws `out-of-memory`. */
  async generatingCore(): Promise<WasmCore> {
    const { config, build } = this.#core;
    const adapter = this.adapter();
    const core = await WasmCore.create({
      config,
      build,
      weights: 'f32',
      threads: planThreads(1, 0),
    });
    const loader = new MergingLoader(core.loader, new AdapterSum(adapter ? [{ adapter, weight: 1 }] : []));
    for (const parameter of modelParameters(config)) {
      let row = 0;
      for (const values of this.rows(parameter)) {
        const count = values.length / parameter.shape.at(-1)!;
        loader.pack(parameter, row, count, bytesOf(values), 'F32');
        row += count;
      }
    }
    return core;
  }

  #finite(parameter: Parameter, values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    if (areFinite(values)) return values;
    throw diverged(`a weight of ${parameter.name} after step ${this.#step}`, Number.NaN);
  }
}
