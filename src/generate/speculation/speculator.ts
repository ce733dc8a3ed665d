import type { Core } from '../../core/types.js';
import type { CompletionProcessor } from '../processors/completion_processor.js';
import { type ExpectedMs, expectedMs } from './expected_ms.js';

/** After so many drafts the times of batches are learned again. */
const LEARN_EVERY = 16;

/** What limits the drafts for one evaluation. */
export interface DraftLimits {
  /** Most drafts that can be of use: 1 or more. */
  readonly most: number;
  /** How many tokens the completion has drawn. */
  readonly drawn: number;
  /** Processors that ban what cannot follow. */
  readonly masks: readonly CompletionProcessor[];
}

/**
 * Guesses the next tokens of a completion, so that one batch evaluates several of its positions (speculative
 * decoding, Leviathan et al. 2023). A guess, a draft, stands only if it is what the completion draws at its
 * position, so that drafts decide how fast a completion comes, and never which.
 */
export abstract class Speculator {
  /** How many drafts were evaluated, and how many of them were what was drawn. */
  draftTokens = 0;
  acceptedDraftTokens = 0;
  protected readonly core: Core;
  /** Rows of the latest evaluation. */
  #rows = 1;
  #expectedMs: ExpectedMs | undefined;
  #steps = 0;

  /** `core`: that of the model whose tokens are drafted. */
  constructor(core: Core) {
    this.core = core;
  }

  /** Rows that the same batch is expected to have from other sequences: those of the latest batch. */
  protected get otherRows(): number {
    const latest = this.core.batchTimes.at(-1);
    return latest?.rows === latest?.wanted ? Math.max(0, (latest?.rows ?? 0) - this.#rows) : 0;
  }

  /** What batches are expected to take. */
  protected get expectedMs(): ExpectedMs {
    const isOld = this.#expectedMs?.(1) === undefined || this.#steps++ % LEARN_EVERY === 0;
    if (isOld) this.#expectedMs = expectedMs(this.core.batchTimes);
    return this.#expectedMs!;
  }

  /** Drafts of the tokens after `tokens`; none where they would not pay. */
  abstract draft(tokens: readonly number[], limits: DraftLimits): Promise<readonly number[]>;

  /** Receives the tokens that were drawn after the latest `draft`, right drafts or not, and what was drafted. */
  learn(drawn: readonly number[], drafts: readonly number[]): void {
    this.#rows = 1 + drafts.length;
    this.draftTokens += drafts.length;
    this.acceptedDraftTokens += drafts.filter((draft, i) => draft === drawn[i]).length;
  }

  /** Gives memory back. */
  release(): void {}
}
