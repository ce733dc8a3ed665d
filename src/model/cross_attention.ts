import type { Cancellation } from '../base/cancellation.js';
import { invalidOption } from '../base/check_options.js';
import { throwIfAborted } from '../base/errors.js';
import type { Core } from '../core/types.js';
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

/**
 * The weights of encoder states in the cross-attention of 1 or more tokens. Throws `invalid-option`, also without
 * `inputs.encoderStates`; `context-full`; `aborted`.
 */
export async function crossAttentionOf(
  core: Core,
  tokens: readonly number[],
  inputs: PromptInputs,
  signal?: Cancellation,
): Promise<CrossAttentionWeights> {
  const placed = new PlacedInputs(inputs, core, tokens.length);
  const { memory, vectors } = placed;
  if (memory === undefined) {
    throw invalidOption('inputs.encoderStates', undefined, 'given: the weights are those of its states');
  }
  const { layers, heads } = core.config;
  const states = memory.count;
  const size = layers * heads * states;
  const data = new Float32Array(tokens.length * size);
  const rows = Math.max(1, Math.floor(MOST_NUMBERS / size));
  const sequence = core.sequence('call', true, memory);
  try {
    for (let first = 0; first < tokens.length && !signal?.aborted; first += rows) {
      const part = { tokens: tokens.slice(0, first + rows), first, signal, wanted: 'hidden' as const };
      const { inputs: given, ...evaluation } = placed.place({ ...part, read: () => {} });
      const attended = (index: number, weights: Float32Array) => data.set(weights, (index - vectors) * size);
      await sequence.evaluate({ ...evaluation, inputs: { ...given, attended } });
    }
  } finally {
    sequence.release();
  }
  throwIfAborted(signal, 'evaluating');
  return { shape: [tokens.length, layers, heads, states], data };
}
