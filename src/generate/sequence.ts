import { Gpt2Error } from '../base/errors.js';
import type { Core, CoreSequence, Evaluated, Evaluation, SequenceUse } from '../core/types.js';
import type { PlacedInputs, PromptInputs } from './inputs.js';

export function sessionDisposed(): Gpt2Error {
  return new Gpt2Error('disposed', 'the session was disposed; create another one');
}

/** A sequence of a core, which throws `disposed` once it is released. */
export class Sequence {
  readonly core: Core;
  readonly use: SequenceUse;
  #sequence: CoreSequence;
  #inputs: PlacedInputs | undefined;
  #isReleased = false;

  constructor(core: Core, use: SequenceUse, sequence: CoreSequence = core.sequence(use)) {
    this.core = core;
    this.use = use;
    this.#sequence = sequence;
  }

  /** The sequence as the core has it. */
  get inCore(): CoreSequence {
    return this.#sequence;
  }

  /** The evaluated tokens, oldest first. */
  get tokens(): readonly number[] {
    return this.#sequence.tokens;
  }

  /** Vectors before the tokens; their indices are below 0. */
  get vectors(): number {
    return this.#inputs?.vectors ?? 0;
  }

  /** Most tokens that it can have. */
  get contextLength(): number {
    return this.#inputs?.contextLength ?? this.core.config.contextLength;
  }

  /**
   * Lets all tokens follow `inputs`; `count` is the number of tokens of the prompt. The sequence must be new.
   * Throws `invalid-option` and `context-full`.
   */
  async beginWith(inputs: PromptInputs, count: number): Promise<void> {
    // Loaded on demand, since few prompts have inputs.
    const { PlacedInputs } = await import('./inputs.js');
    this.assertUsable();
    this.#inputs = new PlacedInputs(inputs, this.core.config, count);
    this.#sequence.release();
    this.#sequence = this.core.sequence(this.use, true);
  }

  /** See `CoreSequence.evaluate`; throws `disposed` also if the sequence is released meanwhile. */
  async evaluate(evaluation: Evaluation): Promise<Evaluated | undefined> {
    this.assertUsable();
    const evaluated = await this.#sequence.evaluate(this.#inputs?.place(evaluation) ?? evaluation);
    this.assertUsable();
    return evaluated;
  }

  /** Another sequence with the same tokens, which shares their keys and values. */
  fork(): Sequence {
    const fork = new Sequence(this.core, this.use, this.#sequence.fork());
    fork.#inputs = this.#inputs;
    return fork;
  }

  /** Becomes `other`, which must not be used afterwards; throws `disposed` if this sequence was released. */
  become(other: Sequence): void {
    this.assertUsable();
    this.#sequence.release();
    this.#sequence = other.#sequence;
  }

  /** Removes all tokens after the first `length`. */
  rewind(length: number): void {
    this.#sequence.rewind(length);
  }

  assertUsable(): void {
    if (this.#isReleased) throw sessionDisposed();
  }

  release(): void {
    this.#isReleased = true;
    this.#sequence.rewind(0);
    this.#sequence.release();
  }
}
