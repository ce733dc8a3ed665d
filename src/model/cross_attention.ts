import type { Cancellation } from '../base/cancellation.js';
import { invalidOption } from '../base/check_options.js';
import { throwIfAborted } from '../base/errors.js';
import type { Core, CoreSequence } from '../core/types.js';
import { PlacedInputs, type PromptInputs } from '../generate/inputs.js';

/** Numbers that one evaluation may write in core memory: 16 MiB. */
const MOST_NUMBERS = 1 << 22;

/** Where the tokens of a text look in an encoder's states. */
export interface CrossAttentionWeights {
  /** T, L, heads, S: the states that the mask leaves. */
  readonly shape: readonly [tokens: number, layers: number, heads: number, states: number];
  /** Row-major; the weights of a token, a layer and a head add up to 1. */
  readonly data: Float32Array;
}

/** Reads the weights of encoder states for a text that may grow; what was read is not evaluated again. */
export class CrossAttentionReader {
  readonly #core: Core;
  readonly #inputs: PromptInputs;
  #sequence: CoreSequence | undefined;

  constructor(core: Core, inputs: PromptInputs) {
    this.#core = core;
    this.#inputs = inputs;
  }

  /**
   * The weights of the tokens from index `first` on. Throws `invalid-option`, also without `inputs.encoderStates`;
   * `context-full`; `aborted`.
   */
  async read(tokens: readonly number[], first = 0, signal?: Cancellation): Promise<CrossAttentionWeights> {
    const placed = new PlacedInputs(this.#inputs, this.#core, tokens.length);
    const { memory, vectors } = placed;
    if (memory === undefined) {
      throw invalidOption('inputs.encoderStates', undefined, 'given: the weights are those of its states');
    }
    this.#sequence ??= this.#core.sequence('call', true, memory);
    const { layers, heads } = this.#core.config;
    const size = layers * heads * memory.count;
    const data = new Float32Array((tokens.length - first) * size);
    const rows = Math.max(1, Math.floor(MOST_NUMBERS / size));
    for (let from = first; from < tokens.length && !signal?.aborted; from += rows) {
      const part = { tokens: tokens.slice(0, from + rows), first: from, signal, wanted: 'hidden' as const };
      const { inputs: given, ...evaluation } = placed.place({ ...part, read: () => {} });
      const attended = (index: number, weights: Float32Array) =>
        data.set(weights, (index - vectors - first) * size);
      await this.#sequence.evaluate({ ...evaluation, inputs: { ...given, attended } });
    }
    throwIfAborted(signal, 'evaluating');
    return { shape: [tokens.length - first, layers, heads, memory.count], data };
  }

  /** Gives the keys and values back. */
  release(): void {
    this.#sequence?.release();
  }
}
