import type { CompletionProcessor, LogitsSums } from '../processors/completion_processor.js';
import type { Mark } from './mark.js';

/**
 * Applies a watermark after everything else that changes logits. If tokens are sampled, the samplers come before it too,
 * and so it is applied by what draws (`markOf`).
 */
export class WatermarkProcessor implements CompletionProcessor {
  readonly mark: Mark;
  readonly #isSampled: boolean;

  constructor(mark: Mark, isSampled: boolean) {
    this.mark = mark;
    this.#isSampled = isSampled;
  }

  apply(logits: Float32Array, sums: LogitsSums): void {
    if (!this.#isSampled) this.mark.apply(logits, sums);
  }

  push(token: number): void {
    this.mark.push(token);
  }

  fork(): WatermarkProcessor {
    return new WatermarkProcessor(this.mark.fork(), this.#isSampled);
  }
}

/** The mark among the processors of a completion. */
export function markOf(processors: readonly CompletionProcessor[]): Mark | undefined {
  return processors.find((processor) => processor instanceof WatermarkProcessor)?.mark;
}
