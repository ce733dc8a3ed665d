import type { LoraPair } from '../../architecture/gpt2/lora.js';
import { type AdaptedModel, EMBEDDING, HEAD } from './adapted_model.js';
import type { Adapter, HeadTensor } from './adapter.js';
import type { ParameterChange } from './changes/change.js';

/** Collects the changes of an adapter while it is read. */
export class AdapterBuilder {
  readonly #pairs = new Map<string, LoraPair>();
  readonly #others = new Map<string, ParameterChange[]>();
  readonly #heads = new Map<string, HeadTensor>();
  readonly #isHeadTied: boolean;

  constructor({ isHeadTied }: AdaptedModel) {
    this.#isHeadTied = isHeadTied;
  }

  /** Adds a low-rank sum; with `alsoTied`, also to the embedding or head that is tied to the parameter. */
  addPair(pair: LoraPair, alsoTied = false): void {
    for (const name of this.#names(pair.name, alsoTied)) this.#pairs.set(name, pair);
  }

  /** Adds another change, likewise. */
  add(parameter: string, change: ParameterChange, alsoTied = false): void {
    for (const name of this.#names(parameter, alsoTied)) {
      const changes = this.#others.get(name) ?? [];
      changes.push(change);
      this.#others.set(name, changes);
    }
  }

  addHead(name: string, tensor: HeadTensor): void {
    this.#heads.set(name, tensor);
  }

  #names(name: string, alsoTied: boolean): string[] {
    const isTied = alsoTied && this.#isHeadTied && (name === EMBEDDING || name === HEAD);
    return isTied ? [EMBEDDING, HEAD] : [name];
  }

  build(): Adapter {
    return {
      pairs: this.#pairs,
      ...(this.#others.size > 0 && { others: this.#others }),
      ...(this.#heads.size > 0 && { heads: this.#heads }),
    };
  }
}
