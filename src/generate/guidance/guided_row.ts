import type { LogitsRow } from '../../core/types.js';

/** A row of the model's own logits; with helpers, it can become the guided one. */
export interface GuidedRow extends LogitsRow {
  /**
   * Replaces the values by the guided ones, and returns what beams subtract from these for log-probabilities. Only
   * of rows with helpers.
   */
  guide?(): number;
}
