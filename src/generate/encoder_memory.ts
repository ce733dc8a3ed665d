import { invalidOption, show } from '../base/check_options.js';
import { checkVectors } from '../base/check_vectors.js';
import { Gpt2Error } from '../base/errors.js';
import { onCollected } from '../base/finalization.js';
import { MOST_STATES } from '../core/cross/cross_struct.js';
import type { SequenceMemory } from '../core/kv/paged_sequence.js';
import type { AdapterHost, Core, CrossHost, ModelCore } from '../core/types.js';

/** For each state whether it is attended to. */
export type StatesMask = ArrayLike<boolean | number>;

/**
 * States of an encoder for several calls: keys and values are computed by the first one, and again only if the model's
 * memory was needed for others. Calls share them if they are given the same object, whose numbers must not change.
 */
export interface EncoderMemory {
  /** As `PromptInputs.encoderStates`. */
  readonly states: Float32Array;
  /** As `PromptInputs.encoderMask`. */
  readonly mask?: StatesMask | undefined;
}

/** What each model has made of the objects that callers hold. */
const kept = new WeakMap<object, WeakMap<AdapterHost, SequenceMemory>>();

/** The memory of the states that inputs give, if they do. Throws `invalid-option`. */
export function memoryOf(
  given: Float32Array | EncoderMemory | undefined,
  mask: StatesMask | undefined,
  core: Core,
): SequenceMemory | undefined {
  if (given === undefined) {
    if (mask === undefined) return undefined;
    throw invalidOption('inputs.encoderMask', mask, 'left out without inputs.encoderStates');
  }
  // Only cores of loaded models have cross-attention.
  const host = core.config.crossAttention ? (core as ModelCore).adapterHost : undefined;
  if (host?.cross === undefined) {
    const message =
      'inputs.encoderStates need a model with cross-attention (add_cross_attention in its config.json)';
    throw new Gpt2Error('invalid-option', message);
  }
  const { channels } = core.config;
  if (ArrayBuffer.isView(given)) {
    return host.cross.memoryOf(
      attended(given, mask, channels, 'inputs.encoderStates', 'inputs.encoderMask'),
      false,
    );
  }
  if (typeof given !== 'object' || given === null) {
    throw invalidOption('inputs.encoderStates', given, 'a Float32Array, or an object with states');
  }
  if (mask !== undefined) {
    throw invalidOption(
      'inputs.encoderMask',
      mask,
      'left out beside an object with states, which has a mask',
    );
  }
  return keptMemory(given, host, host.cross, channels);
}

function keptMemory(
  given: EncoderMemory,
  host: AdapterHost,
  cross: CrossHost,
  channels: number,
): SequenceMemory {
  const memories = kept.get(given) ?? new WeakMap<AdapterHost, SequenceMemory>();
  kept.set(given, memories);
  const found = memories.get(host);
  if (found) return found;
  const names = ['inputs.encoderStates.states', 'inputs.encoderStates.mask'] as const;
  const memory = cross.memoryOf(attended(given.states, given.mask, channels, ...names), true);
  memories.set(host, memory);
  onCollected(given, () => cross.forget(memory));
  return memory;
}

/** The states that a mask leaves. Throws `invalid-option`. */
function attended(
  states: unknown,
  mask: StatesMask | undefined,
  channels: number,
  name: string,
  maskName: string,
): Float32Array {
  checkVectors(name, states, channels);
  const count = states.length / channels;
  if (count < 1 || count > MOST_STATES) {
    const message = `${name} has ${count} states; it must have 1 to ${MOST_STATES}`;
    throw new Gpt2Error('invalid-option', message);
  }
  if (mask === undefined) return states;
  if (mask?.length !== count) {
    const message = `${maskName} has ${show(mask?.length)} entries; it must have ${count}, one for each state`;
    throw new Gpt2Error('invalid-option', message);
  }
  const places = Array.from(mask, (isLeft, i) => {
    if (isLeft === true || isLeft === 1) return [i];
    if (isLeft === false || isLeft === 0) return [];
    throw invalidOption(`${maskName}[${i}]`, isLeft, 'true or false');
  }).flat();
  if (places.length === 0) throw new Gpt2Error('invalid-option', `${maskName} leaves no state to attend to`);
  const left = new Float32Array(places.length * channels);
  places.forEach((from, to) => {
    left.set(states.subarray(from * channels, (from + 1) * channels), to * channels);
  });
  return left;
}
