import { cancelOnCollected, onCollected } from '../../base/finalization.js';
import type { PagedSequence } from '../kv/paged_sequence.js';
import type { CoreSequence, Evaluated, Evaluation, SequenceUse } from '../types.js';
import type { Scheduler } from './scheduler.js';

/** A callback that keeps the pages alive, but not the sequence that callers hold. */
const releaser = (scheduler: Scheduler, pages: PagedSequence) => () => scheduler.release(pages);

/**
 * A sequence as callers hold it. Its pages are also given back if it is collected without `release`.
 */
export class ScheduledSequence implements CoreSequence {
  readonly #scheduler: Scheduler;
  readonly #pages: PagedSequence;
  readonly #use: SequenceUse;

  constructor(scheduler: Scheduler, pages: PagedSequence, use: SequenceUse) {
    this.#scheduler = scheduler;
    this.#pages = pages;
    this.#use = use;
    onCollected(this, releaser(scheduler, pages));
  }

  get tokens(): readonly number[] {
    return this.#pages.tokens;
  }

  get isResident(): boolean {
    return this.#pages.cached === this.#pages.tokens.length;
  }

  get pages(): readonly number[] {
    return this.#pages.addresses;
  }

  async adopt(tokens: readonly number[], write: (pages: readonly number[]) => Promise<void>): Promise<void> {
    await this.#scheduler.adopt(this.#pages, this.#use, tokens, write);
  }

  async evaluate(evaluation: Evaluation): Promise<Evaluated | undefined> {
    // Awaited here, so that this sequence does not become garbage meanwhile.
    const evaluated = await this.#scheduler.evaluate(this.#pages, this.#use, evaluation);
    return evaluated;
  }

  fork(): CoreSequence {
    const fork = this.#pages.fork();
    this.#scheduler.rest(fork, this.#use);
    return new ScheduledSequence(this.#scheduler, fork, this.#use);
  }

  rewind(length: number): void {
    this.#pages.rewind(length);
  }

  release(): void {
    cancelOnCollected(this);
    this.#scheduler.release(this.#pages);
  }
}
