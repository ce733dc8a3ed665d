import { Gpt2Error } from '../base/errors.js';
import type { SequenceMemory } from '../core/kv/paged_sequence.js';
import type { Core, CoreSequence, Evaluated, Evaluation, SequenceUse } from '../core/types.js';

export function sessionDisposed(): Gpt2Error {
  return new Gpt2Error('disposed', 'the session was disposed; create another one');
}

/** What generations need of a sequence. */
export interface GenerationSequence {
  readonly core: Core;
  readonly use: SequenceUse;
  readonly vectors: number;
  readonly contextLength: number;
  evaluate(evaluation: Evaluation): Promise<Evaluated | undefined>;
  fork(): GenerationSequence;
  become(other: GenerationSequence): void;
  rewind(length: number): void;
  /** Is told that a shift has dropped `count` tokens of the text, from the index `start` on. */
  drop?(start: number, count: number): void;
  assertUsable(): void;
  release(): void;
}

/** How the tokens of a sequence are evaluated: after vectors, with other positions, or with changes of the model. */
export interface Placement {
  /** P: vectors before the tokens. */
  readonly vectors: number;
  /** Most tokens after them. */
  readonly contextLength: number;
  /** The encoder states that they attend to. */
  readonly memory: SequenceMemory | undefined;
  /** An evaluation of tokens, whose indices begin after the vectors. */
  place(evaluation: Evaluation): Evaluation;
}

/** A sequence of a core, which throws `disposed` once it is released. */
export class Sequence implements GenerationSequence {
  readonly core: Core;
  readonly use: SequenceUse;
  #sequence: CoreSequence;
  #placement: Placement | undefined;
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
    return this.#placement?.vectors ?? 0;
  }

  /** Most tokens that it can have. */
  get contextLength(): number {
    return this.#placement?.contextLength ?? this.core.config.contextLength;
  }

  /** Lets all tokens be placed so. The sequence must be new. */
  beginWith(placement: Placement): void {
    this.assertUsable();
    this.#placement = placement;
    this.#sequence.release();
    this.#sequence = this.core.sequence(this.use, true, placement.memory);
  }

  /** See `CoreSequence.evaluate`; throws `disposed` also if the sequence is released meanwhile. */
  async evaluate(evaluation: Evaluation): Promise<Evaluated | undefined> {
    this.assertUsable();
    const evaluated = await this.#sequence.evaluate(this.#placement?.place(evaluation) ?? evaluation);
    this.assertUsable();
    return evaluated;
  }

  /** Another sequence with the same tokens, which shares their keys and values. */
  fork(): Sequence {
    const fork = new Sequence(this.core, this.use, this.#sequence.fork());
    fork.#placement = this.#placement;
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
