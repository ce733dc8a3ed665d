import { addProduct, type LoraAdapter } from '../architecture/gpt2/lora.js';
import { modelParameters, type Parameter } from '../architecture/gpt2/parameters.js';
import { areFinite } from '../base/finite.js';
import { AdapterSum } from '../checkpoints/peft/adapter_sum.js';
import { MergingLoader } from '../checkpoints/peft/merging_loader.js';
import type { WeightLoader } from '../checkpoints/weight_loader.js';
import { AdaptedCore } from '../core/adapters/adapted_core.js';
import { planThreads } from '../core/threads/plan.js';
import type { TrainCore } from '../core/training/train_core.js';
import type { ModelCore } from '../core/types.js';
import { WasmCore } from '../core/wasm_core.js';
import { diverged } from './diverged.js';
import { trainedAdapter } from './state/lora_run.js';
import type { BestWeights } from './state/training_state.js';
import { bytesOf, rowPieces } from './state/weight_pieces.js';

/** A core with an adapter, and all that it stands on. */
class OwningAdaptedCore extends AdaptedCore {
  override dispose(): void {
    super.dispose();
    this.adapterHost.dispose();
  }
}

/** A copy of a core's trained weights. */
export function copyWeights(core: TrainCore): BestWeights {
  return new Map(core.parameters.map((parameter) => [parameter.name, core.readUsed(parameter)]));
}

/** Runs `work` while the core has some weights in place of its own; undefined for its own. */
export async function withWeights<R>(
  core: TrainCore,
  weights: BestWeights | undefined,
  work: () => Promise<R>,
): Promise<R> {
  if (weights === undefined) return work();
  const own = new Map(core.parameters.map((parameter) => [parameter.name, core.read('weights', parameter)]));
  const put = (values: BestWeights) => {
    for (const parameter of core.parameters) core.write('weights', parameter, values.get(parameter.name)!);
  };
  try {
    put(weights);
    return await work();
  } finally {
    put(own);
  }
}

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
        ? this.#finite(parameter, this.#core.readUsed(parameter, firstRow, count))
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

  /**
   * A core that generates with the weights in the format in which they are trained. An adapter is merged into f32
   * weights, and beside quantized ones. Throws `out-of-memory`.
   */
  async generatingCore(): Promise<ModelCore> {
    const { config, build, weights, frozen } = this.#core;
    const adapter = this.adapter();
    const core = await WasmCore.create({ config, build, weights, threads: planThreads(1, 0) });
    if (adapter !== undefined && weights !== 'f32') {
      for (const parameter of frozen) this.#copy(parameter, core);
      return new OwningAdaptedCore(core, [{ adapter, weight: 1 }]);
    }
    const loader = new MergingLoader(core.loader, new AdapterSum(adapter ? [{ adapter, weight: 1 }] : []));
    for (const parameter of modelParameters(config)) this.#load(parameter, loader);
    return core;
  }

  #load(parameter: Parameter, loader: WeightLoader): void {
    let row = 0;
    for (const values of this.rows(parameter)) {
      const count = values.length / parameter.shape.at(-1)!;
      loader.pack(parameter, row, count, bytesOf(values), 'F32');
      row += count;
    }
  }

  /** Copies a frozen weight, a packed one as it is. */
  #copy(parameter: Parameter, core: WasmCore): void {
    const panels = this.#core.panels(parameter);
    if (panels === undefined) this.#load(parameter, core.loader);
    else core.memory.bytes(core.placeOf(parameter.name), panels.length).set(panels);
  }

  #finite(parameter: Parameter, values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    if (areFinite(values)) return values;
    throw diverged(`a weight of ${parameter.name} after step ${this.#step}`, Number.NaN);
  }
}
