import { NO_TOKEN } from '../../assembly/abi.js';
import type { ModelConfig } from '../architecture/gpt2/config.js';
import { checkOptionNames, invalidOption, show } from '../base/check_options.js';
import { checkVectors } from '../base/check_vectors.js';
import { Gpt2Error } from '../base/errors.js';
import type { SequenceMemory } from '../core/kv/paged_sequence.js';
import type { Core, Evaluation, Inputs } from '../core/types.js';
import { type EncoderMemory, memoryOf, type StatesMask } from './encoder_memory.js';
import type { Placement } from './sequence.js';

/** Vectors before the tokens of a prompt, and positions other than 0, 1, 2, ... */
export interface PromptInputs {
  /**
   * P vectors of C numbers, row-major, in place of the embeddings of P tokens: a soft prompt (Lester et al.
   * 2021), an encoder's states, or rows of the token embedding itself. They come before the tokens of the
   * prompt, which may then be empty, and position embeddings are added to them. Length a multiple of C,
   * finite. Copied when the call begins to compute; until its first token or its result, leave the array as it is.
   */
  readonly embeddings?: Float32Array | undefined;
  /**
   * Rows of the position embedding, each from 0 to context length - 1: the one of the first vector or token,
   * after which the others count up (default 0), or a list with one for each vector and each token of the
   * prompt; generated tokens count up from the last of them.
   */
  readonly positions?: number | ArrayLike<number> | undefined;
  /**
   * For a model with cross-attention: S states of an encoder [S, C], row-major, to which all vectors and tokens
   * attend, 1 to 16,384 of them; finite. Without states, cross-attention is left out. The states of an
   * `EncoderMemory` are prepared once for all calls with it. An array is copied as `embeddings` are.
   */
  readonly encoderStates?: Float32Array | EncoderMemory | undefined;
  /** For each of the states whether it is attended to, at least one of them; all if left out. */
  readonly encoderMask?: StatesMask | undefined;
}

const OPTION_NAMES = Object.keys({
  embeddings: true,
  positions: true,
  encoderStates: true,
  encoderMask: true,
} satisfies Record<keyof PromptInputs, true>);

/** Checked inputs, in their place before the tokens of a sequence. */
export class PlacedInputs implements Placement {
  /** P */
  readonly vectors: number;
  /** Most tokens after the vectors. */
  readonly contextLength: number;
  /** The states that the tokens attend to. */
  readonly memory: SequenceMemory | undefined;
  readonly #inputs: Inputs;

  /**
   * `count`: tokens of the prompt. Throws `invalid-option`, and `context-full` if vectors and tokens have more
   * positions than there are.
   */
  constructor(given: PromptInputs, core: Core, count: number) {
    const { config } = core;
    if (typeof given !== 'object' || given === null) throw invalidOption('inputs', given, 'an object');
    checkOptionNames('inputs', given, OPTION_NAMES);
    const { channels } = config;
    const embeddings = copyOf(given.embeddings ?? new Float32Array(0), channels);
    this.vectors = embeddings.length / channels;
    const positions = positionsOf(given.positions ?? 0, config, this.vectors + count);
    this.contextLength = positions.length - this.vectors;
    if (count > this.contextLength) {
      const counts = `${this.vectors} vectors and ${count} tokens`;
      throw new Gpt2Error(
        'context-full',
        `${counts} do not fit the ${positions.length} positions from inputs.positions to the end of the context`,
      );
    }
    const vector = (index: number) => embeddings.subarray(index * channels, (index + 1) * channels);
    this.memory = memoryOf(given.encoderStates, given.encoderMask, core);
    this.#inputs = { vector, positions, memory: this.memory };
  }

  /** An evaluation of tokens after the vectors, whose own indices are -P to -1. */
  place(evaluation: Evaluation): Evaluation {
    const { tokens, first, read } = evaluation;
    return {
      ...evaluation,
      tokens: [...new Array<number>(this.vectors).fill(NO_TOKEN), ...tokens],
      inputs: this.#inputs,
      first: first === undefined ? undefined : first + this.vectors,
      read: (row, index) => read(row, index - this.vectors),
    };
  }
}

/** Throws `invalid-option`. */
function copyOf(embeddings: unknown, channels: number): Float32Array {
  checkVectors('inputs.embeddings', embeddings, channels);
  return embeddings.slice();
}

/** The position of each index that a sequence can have. Throws `invalid-option`. */
function positionsOf(
  given: number | ArrayLike<number>,
  { contextLength }: ModelConfig,
  count: number,
): number[] {
  const name = 'inputs.positions';
  const isPosition = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < contextLength;
  const check = (what: string, value: unknown) => {
    if (!isPosition(value)) throw invalidOption(what, value, `an integer from 0 to ${contextLength - 1}`);
    return value as number;
  };
  if (typeof given !== 'object' || given === null) return range(check(name, given), contextLength);
  if (given.length !== count) {
    const message = `${name} has ${show(given.length)} entries; it must have ${count}, one for each vector and each token`;
    throw new Gpt2Error('invalid-option', message);
  }
  const list = Array.from(given, (position, i) => check(`${name}[${i}]`, position));
  return [...list, ...range((list.at(-1) ?? -1) + 1, contextLength)].slice(0, contextLength);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
