import { RandomStream } from '../../base/random.js';
import type { Core, LogitsRow } from '../../core/types.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { LoadedModel } from '../loaded_models.js';
import type { CompletionProcessor } from '../processors/completion_processor.js';
import { createProcessors } from '../processors/create_processors.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { drawMaker, randomNumbersPerToken } from '../sampling/draw_maker.js';
import { sample } from '../sampling/sampler.js';
import { Sequence } from '../sequence.js';
import { banUndecodable } from '../undecodable_ids.js';
import { draftLength, MOST_DRAFTS } from './draft_length.js';
import { expectedMs } from './expected_ms.js';
import { HitRate, recordHits } from './hit_rate.js';
import { type DraftLimits, Speculator } from './speculator.js';

/** The share of right drafts until it is known, and how many observations that counts for. */
const FIRST_RATE = 0.6;
const RATE_WEIGHT = 6;
/** The share that is hoped for when drafts are tried again. */
const HOPED_RATE = 0.9;

/** Evaluations without drafts before drafts are tried again: at first, and at most. */
const FIRST_PAUSE = 32;
const LONGEST_PAUSE = 512;

/**
 * Drafts what a smaller model draws with the same options and the same random numbers, which makes both draw
 * the same token wherever their distributions are alike.
 */
export class ModelDraft extends Speculator {
  readonly #tokenizer: Tokenizer;
  readonly #sequence: Sequence;
  readonly #options: ResolvedOptions;
  readonly #index: number;
  readonly #rate = new HitRate(FIRST_RATE, RATE_WEIGHT);
  /** Evaluations without drafts that are still to come, and how many the next pause has. */
  #pauseLeft = FIRST_PAUSE;
  #pause = FIRST_PAUSE;

  /** `core`: that of the model whose tokens are drafted; `index`: which completion of the request. */
  constructor(core: Core, draft: LoadedModel, options: ResolvedOptions, index: number) {
    super(core);
    this.#tokenizer = draft.tokenizer;
    this.#sequence = new Sequence(draft.core, 'call');
    this.#options = options;
    this.#index = index;
  }

  async draft(tokens: readonly number[], { most, drawn, masks }: DraftLimits): Promise<readonly number[]> {
    const room = this.#sequence.core.config.contextLength - tokens.length + 1;
    const count = Math.min(most, room, this.#length());
    if (count <= 0) return [];
    const { signal, priority, seed } = this.#options;
    const text = tokens.slice();
    const processors = [...this.#processors(text, Math.max(0, text.length - drawn)), ...masks];
    const random = new RandomStream(seed, this.#index, drawn * randomNumbersPerToken(this.#options));
    const draw =
      drawMaker(this.#options)?.(random, processors) ??
      ((row: LogitsRow) => sample(row, this.#options, random));
    const read = (row: LogitsRow) => {
      banUndecodable(row.values, this.#tokenizer);
      for (const processor of processors) processor.apply(row.values, row);
      let id: number;
      try {
        id = draw(row);
      } catch {
        // No token is left to sample here, where the completion may never come.
        return;
      }
      for (const processor of processors) processor.push?.(id);
      text.push(id);
    };
    for (let length = tokens.length + 1; length <= tokens.length + count; length++) {
      await this.#sequence.evaluate({ tokens: text.slice(), read, signal, priority });
      if (text.length < length) break;
    }
    return text.slice(tokens.length);
  }

  /** Those of a completion that has the tokens after the first `prompt` ones. */
  #processors(text: readonly number[], prompt: number): CompletionProcessor[] {
    const { eosTokenIds } = this.core.config;
    const processors = createProcessors(this.#options, text.slice(0, prompt), eosTokenIds, this.#tokenizer);
    for (const token of text.slice(prompt)) for (const processor of processors) processor.push?.(token);
    return processors;
  }

  override learn(drawn: readonly number[], drafts: readonly number[]): void {
    super.learn(drawn, drafts);
    recordHits(drawn, drafts, () => this.#rate);
  }

  override release(): void {
    this.#sequence.release();
  }

  /** How many drafts pay. While none do, some are tried after each pause, and pauses grow. */
  #length(): number {
    const length = this.#best(this.#rate.value);
    if (length > 0) {
      this.#pause = FIRST_PAUSE;
      this.#pauseLeft = FIRST_PAUSE;
      return length;
    }
    if (this.#pauseLeft-- > 0) return 0;
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    this.#pauseLeft = this.#pause;
    return this.#best(HOPED_RATE);
  }

  #best(rate: number): number {
    const chances = new Array<number>(MOST_DRAFTS).fill(rate);
    return draftLength(
      this.expectedMs,
      chances,
      this.otherRows,
      expectedMs(this.#sequence.core.batchTimes)(1) ?? 0,
    );
  }
}
