import { Gpt2Error } from '../base/errors.js';
import type { Core, CoreSequence, Evaluated, Evaluation, SequenceUse } from '../core/types.js';

export function sessionDisposed(): Gpt2Error {
  return new Gpt2Error('disposed', 'the session was disposed; create another one');
}

/** A sequence of a core, which throws `disposed` once it is released. */
export class Sequence {
  readonly core: Core;
  readonly #use: SequenceUse;
  readonly #sequence: CoreSequence;
  #isReleased = false;

  constructor(core: Core, use: SequenceUse, sequence: CoreSequence = core.sequence(use)) {
    this.core = core;
    this.#use = use;
    this.#sequence = sequence;
  }

  /** The evaluated tokens, oldest first. */
  get tokens(): readonly number[] {
    return this.#sequence.tokens;
  }

  /** See `CoreSequence.evaluate`; throws `disposed` also if the sequence is released meanwhile. */
  async evaluate(evaluation: Evaluation): Promise<Evaluated | undefined> {
    this.assertUsable();
    const evaluated = await this.#sequence.evaluate(evaluation);
    this.assertUsable();
    return evaluated;
  }

  /** Another sequence with the same tokens, which shares their keys and values. */
  fork(): Sequence {
    return new Sequence(this.core, this.#use, this.#sequence.fork());
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
