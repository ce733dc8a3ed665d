import { addProduct, type LoraPair } from '../../architecture/gpt2/lora.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import { decode } from '../../dtypes/decode.js';
import type { StoredRows } from '../load_weights.js';
import { EMBEDDING, HEAD } from './adapted_model.js';
import type { WeightedChanges } from './adapter.js';
import type { ChangedRows, ChangeOrder, ParameterChange } from './changes/change.js';

/** A change, and its factor. */
type Weighted<T> = readonly [change: T, weight: number];

/** All changes that some adapters make to a model's weights. */
export class AdapterSum {
  readonly #adapters: readonly WeightedChanges[];

  /**
   * Throws `invalid-option` for changes that are not defined together: a factor of one that has no multiple, or
   * two adapters for a parameter that one of them replaces or scales.
   */
  constructor(adapters: readonly WeightedChanges[]) {
    this.#adapters = adapters;
    for (const { adapter, weight } of adapters) {
      for (const [name, changes] of adapter.others ?? []) this.#check(name, changes, weight);
    }
  }

  #check(name: string, changes: readonly ParameterChange[], weight: number): void {
    const alone = changes.find(({ isAlone }) => isAlone);
    if (alone === undefined) return;
    if (weight !== 1) {
      throw new Gpt2Error(
        'invalid-option',
        `an adapter changes ${name} by ${alone.kind}, which has no multiple; its weight must be 1, not ${weight}`,
      );
    }
    const makers = this.#adapters.filter(
      ({ adapter: { pairs, others } }) => pairs.has(name) || others?.has(name),
    );
    if (makers.length > 1) {
      throw new Gpt2Error(
        'invalid-option',
        `one adapter changes ${name} by ${alone.kind}, and another one changes it too; their sum is not defined`,
      );
    }
  }

  changes({ name }: Parameter): boolean {
    return this.#adapters.some(({ adapter: { pairs, others } }) => pairs.has(name) || others?.has(name));
  }

  /** Whether a head that is tied to the embedding stays so: both change in the same way. */
  get keepsHeadTied(): boolean {
    const [embedding, head] = [EMBEDDING, HEAD].map((name) => [
      ...this.#pairsOf(name),
      ...this.#othersOf(name),
    ]);
    return embedding!.length === head!.length && embedding!.every(([change], i) => change === head![i]![0]);
  }

  /** Makes all changes to whole rows of a parameter; to all rows if one of the changes needs them. */
  change(rows: ChangedRows): void {
    const { parameter, values, firstRow } = rows;
    const others = this.#othersOf(parameter.name);
    const make = (wanted: ChangeOrder) => {
      for (const [change, weight] of others) if (change.order === wanted) change.change(rows, weight);
    };
    make('replace');
    for (const [pair, weight] of this.#pairsOf(parameter.name)) {
      addProduct(pair, weight * pair.scale, values, firstRow, parameter.kind === 'conv1d');
    }
    make('add');
    make('scale');
  }

  needsAll(parameter: Parameter): boolean {
    return this.#othersOf(parameter.name).some(([change]) => change.needsAll?.(parameter));
  }

  #pairsOf(name: string): Weighted<LoraPair>[] {
    return this.#adapters.flatMap(({ adapter: { pairs }, weight }) => {
      const pair = pairs.get(name);
      return pair === undefined ? [] : [[pair, weight] as const];
    });
  }

  #othersOf(name: string): Weighted<ParameterChange>[] {
    return this.#adapters.flatMap(({ adapter: { others }, weight }) =>
      (others?.get(name) ?? []).map((change) => [change, weight] as const),
    );
  }
}

/** Merges adapters into the rows of weights as they are read, once through a model. */
export class Merger {
  readonly #sum: AdapterSum;
  /** All rows so far of the parameter that is read, if its changes need all rows. */
  #gathered = new Float32Array(0);

  constructor(sum: AdapterSum) {
    this.#sum = sum;
  }

  changes(parameter: Parameter): boolean {
    return this.#sum.changes(parameter);
  }

  /**
   * The rows with all changes; those of a parameter without any are returned as they are. Undefined if the change
   * needs rows that come later: all of them are returned with the last ones. The rows of a parameter must come one
   * after the other. Throws `invalid-file` for numbers that are not finite.
   */
  merge(rows: StoredRows): StoredRows | undefined {
    const { parameter, firstRow, rowCount, bytes, dtype } = rows;
    if (!this.changes(parameter)) return rows;
    const columns = parameter.shape.at(-1)!;
    const count = parameter.kind === 'vector' ? 1 : parameter.shape[0]!;
    const all = this.#sum.needsAll(parameter);
    if (all && firstRow === 0) this.#gathered = new Float32Array(count * columns);
    const values = all
      ? this.#gathered.subarray(firstRow * columns, (firstRow + rowCount) * columns)
      : new Float32Array(rowCount * columns);
    decode(dtype, bytes, values);
    if (!areFinite(values)) {
      throw new Gpt2Error('invalid-file', `${parameter.name} has a weight that is NaN or infinite`);
    }
    if (all && firstRow + rowCount < count) return undefined;
    const changed = all ? this.#gathered : values;
    if (all) this.#gathered = new Float32Array(0);
    const first = all ? 0 : firstRow;
    this.#sum.change({ parameter, values: changed, firstRow: first });
    if (!areFinite(changed)) {
      throw new Gpt2Error(
        'invalid-file',
        `${parameter.name} overflows when the adapters are added: their numbers are too large`,
      );
    }
    return {
      ...{ parameter, dtype: 'F32', firstRow: first, rowCount: changed.length / columns },
      bytes: new Uint8Array(changed.buffer, changed.byteOffset, changed.byteLength),
    };
  }
}
