import type { TracedNumbers } from '../../../model/trace/options.js';
import type { InsideToken } from '../results.js';

/** A logit, or the difference of two. */
export interface PatchingMeasure {
  /** Id of the token. */
  readonly token: number;
  /** Id of a token whose logit is subtracted. */
  readonly against?: number | undefined;
}

/** What each patch does. */
export interface PatchingGrid {
  /** The tokens of both texts. */
  readonly tokens: {
    /** Of the text that is the source of what is patched. */
    readonly clean: readonly InsideToken[];
    /** Of the text that is patched. */
    readonly corrupted: readonly InsideToken[];
  };
  /** The layers: the rows of the grid. */
  readonly layers: readonly number[];
  /** The positions: the columns of the grid, or those that are patched together with each head. */
  readonly positions: readonly number[];
  /** The heads: the columns of the grid, if the hook has heads. */
  readonly heads: readonly number[] | undefined;
  /** The measure of the clean text: a logit, or a difference of two. */
  readonly clean: number;
  /** The measure of the corrupted text. */
  readonly corrupted: number;
  /** The measure of the corrupted text with each patch, [layers, positions] or [layers, heads]. */
  readonly measures: TracedNumbers;
  /** How much of the clean measure each patch restores: (measure - corrupted) / (clean - corrupted). */
  readonly effects: TracedNumbers;
}
