import { append } from '../base/append.js';
import type { LogitsRow } from '../core/types.js';
import type { Accepted, ChoiceBuilder, Sampled } from './choice_builder.js';
import type { Token } from './completion.js';
import { contextIsFull } from './context_full.js';
import type { ResolvedOptions } from './resolved_options.js';
import type { GenerationSequence } from './sequence.js';
import { shiftWindow } from './shift_window.js';
import type { Speculator } from './speculation/speculator.js';

/** A track with this many unread tokens lets the others catch up. */
const MOST_UNREAD = 16;

/** One choice of a generation and the sequence on which it is evaluated. */
export class Track {
  readonly choice: ChoiceBuilder;
  readonly speculator: Speculator | undefined;
  readonly sequence: GenerationSequence;
  readonly #options: ResolvedOptions;
  /** The prompt and all accepted tokens; after a shift, those that it kept. */
  readonly #text: number[];
  /** Accepted tokens that were not taken yet, oldest first. */
  readonly #unread: Accepted[] = [];
  #isOver = false;
  #drafts: readonly number[] = [];
  /** Whether the drafts come next in any case. */
  #isForced = false;

  constructor(
    choice: ChoiceBuilder,
    sequence: GenerationSequence,
    prompt: readonly number[],
    options: ResolvedOptions,
    speculator: Speculator | undefined,
    drawn: Sampled,
  ) {
    this.choice = choice;
    this.sequence = sequence;
    this.#options = options;
    this.speculator = speculator;
    this.#text = prompt.slice();
    this.#accept(drawn);
  }

  get hasUnread(): boolean {
    return this.#unread.length > 0;
  }

  /** Whether the track can draw ahead while others must. */
  get canDraw(): boolean {
    return !this.#isOver && this.#unread.length < MOST_UNREAD;
  }

  /** Adds the oldest unread token to the choice. */
  take(): Token {
    return this.choice.add(this.#unread.shift()!);
  }

  /**
   * Removes from the sequence what was evaluated after the last token that was taken and not `takenBack`: how many
   * such tokens are at the end.
   */
  rewindUnread(takenBack = 0): void {
    this.sequence.rewind(this.#text.length - 1 - this.#unread.length - takenBack);
  }

  /**
   * Shifts the text if it no longer fits, and drafts tokens that may follow it. Returns false if the track must
   * be read before that fails: an error waits for the tokens before it, after which the same work fails again.
   */
  async prepare(): Promise<boolean> {
    try {
      this.#fit();
      this.#drafts = await this.#draft();
      return true;
    } catch (error) {
      if (this.#unread.length === 0) throw error;
      return false;
    }
  }

  /** Throws `context-full`. */
  #fit(): void {
    const { contextFull, keep } = this.#options;
    const { contextLength } = this.sequence;
    const text = this.#text;
    if (text.length <= contextLength) return;
    if (contextFull !== 'shift') {
      throw contextIsFull(contextLength, this.choice.tokenCount, '"stop" or "shift"');
    }
    const kept = shiftWindow(text, keep, contextLength);
    this.sequence.drop?.(keep, text.length - kept.length);
    text.length = 0;
    append(text, kept);
  }

  async #draft(): Promise<readonly number[]> {
    const drawn = this.choice.tokenCount;
    const { contextLength } = this.sequence;
    const most = Math.min(contextLength - this.#text.length, this.#options.maxTokens - drawn - 1);
    if (most < 1) return [];
    const { forced } = this.choice;
    this.#isForced = forced.length > 0;
    if (this.#isForced || this.speculator === undefined) return forced.slice(0, most);
    const masks = this.choice.masks();
    return this.choice.admitted(await this.speculator.draft(this.#text, { most, drawn, masks }));
  }

  /**
   * Evaluates text and drafts, and draws the tokens after them: as many as there are right drafts, and one more.
   * Returns how many; 0 if the signal fired first. Errors wait as those of `prepare` do.
   */
  async draw(): Promise<number> {
    const { signal, priority } = this.#options;
    const tokens = [...this.#text, ...this.#drafts];
    const first = this.#text.length - 1;
    let count = 0;
    let failure: { readonly error: unknown } | undefined;
    const read = (row: LogitsRow, index: number) => {
      let id: number;
      try {
        id = this.#accept(this.choice.sample(row)).id;
      } catch (error) {
        // Caught here, so that the sequence keeps the tokens before.
        failure = { error };
        return false;
      }
      count++;
      return !this.#isOver && id === tokens[index + 1];
    };
    try {
      await this.sequence.evaluate({ tokens, first, read, signal, priority });
    } catch (error) {
      failure = { error };
    }
    if (failure !== undefined && this.#unread.length === 0) throw failure.error;
    if (count > 0 && !this.#isForced) this.speculator?.learn(this.#text.slice(-count), this.#drafts);
    return count;
  }

  #accept(drawn: Sampled): Sampled {
    const isFull = this.#text.length === this.sequence.contextLength;
    const isLast = isFull && this.#options.contextFull === 'stop';
    const accepted = this.choice.accept(drawn, isLast ? 'context' : undefined);
    this.#isOver = accepted.finishReason !== undefined;
    this.#text.push(drawn.id);
    this.#unread.push(accepted);
    return drawn;
  }
}
