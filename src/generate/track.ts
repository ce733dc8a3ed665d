import type { LogitsRow } from '../core/types.js';
import type { ChoiceBuilder, Sampled } from './choice_builder.js';
import type { Token } from './completion.js';
import { contextIsFull } from './context_full.js';
import type { ResolvedOptions } from './resolve_options.js';
import type { Sequence } from './sequence.js';
import { shiftWindow } from './shift_window.js';

/** One choice of a generation and the sequence on which it is evaluated. */
export class Track {
  readonly choice: ChoiceBuilder;
  readonly #sequence: Sequence;
  readonly #options: ResolvedOptions;
  /** All tokens before the one that was drawn last. */
  readonly #before: number[];
  /** The token that was drawn, but is not yet accepted. */
  #drawn: Sampled | undefined;

  constructor(
    choice: ChoiceBuilder,
    sequence: Sequence,
    prompt: readonly number[],
    options: ResolvedOptions,
    drawn: Sampled,
  ) {
    this.choice = choice;
    this.#sequence = sequence;
    this.#options = options;
    this.#before = prompt.slice();
    this.#drawn = drawn;
  }

  /** Adds the drawn token to the choice. */
  accept(): Token {
    const { contextLength } = this.#sequence;
    const drawn = this.#drawn!;
    const isFull = this.#before.length === contextLength;
    const token = this.choice.accept(drawn, isFull && this.#options.contextFull === 'stop');
    this.#before.push(drawn.id);
    return token;
  }

  /**
   * Evaluates the accepted tokens, shifted if the context is full, and draws the next one. Returns false if
   * the signal fired first. Throws `context-full`.
   */
  async draw(): Promise<boolean> {
    const { signal, priority, contextFull, keep } = this.#options;
    const { contextLength } = this.#sequence;
    const before = this.#before;
    if (before.length > contextLength) {
      if (contextFull !== 'shift') {
        throw contextIsFull(contextLength, this.choice.tokenCount, '"stop" or "shift"');
      }
      before.splice(0, before.length, ...shiftWindow(before, keep, contextLength));
    }
    this.#drawn = undefined;
    const read = (row: LogitsRow) => {
      this.#drawn = this.choice.sample(row);
    };
    await this.#sequence.evaluate({ tokens: before, read, signal, priority });
    return this.#drawn !== undefined;
  }
}
