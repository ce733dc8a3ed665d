import type { TopToken } from '../../generate/completion.js';
import type { TracedNumbers } from '../../model/trace/options.js';

/** A token of a text that is looked into. */
export interface InsideToken {
  /** Its id in the vocabulary. */
  readonly id: number;
  /** Characters of the text that the token completes. */
  readonly text: string;
}

/** What the model would say after a token if it ended at a layer. */
export interface LensCell {
  /** The likeliest tokens, likeliest first. */
  readonly top: readonly TopToken[];
  /** Entropy of the distribution, in nats. */
  readonly entropy: number;
  /** ln p of the next token of the text; undefined after the last one. */
  readonly logprob: number | undefined;
  /** Rank of the next token of the text, 1 for the likeliest; undefined after the last one. */
  readonly rank: number | undefined;
}

/** A logit lens. */
export interface LogitLens {
  /** The tokens of the text. */
  readonly tokens: readonly InsideToken[];
  /** The layers: the rows of `cells`. */
  readonly layers: readonly number[];
  /** The positions: the columns of `cells`. */
  readonly positions: readonly number[];
  /** By layer and position. */
  readonly cells: readonly (readonly LensCell[])[];
}

/** Means of a head's attention over the positions. */
export interface HeadSummary {
  /** Layer, from 0. */
  readonly layer: number;
  /** Head, from 0. */
  readonly head: number;
  /** Entropy of the weights of a position, in nats. */
  readonly entropy: number;
  /** Weight of the first token of the text. */
  readonly first: number;
  /** Weight of the token before; 0 for the first position. */
  readonly previous: number;
  /** Weight of the token itself. */
  readonly self: number;
  /** Distance to the tokens, weighted, in tokens. */
  readonly distance: number;
}

/** The attention of heads. */
export interface AttentionPatterns {
  /** The tokens of the text. */
  readonly tokens: readonly InsideToken[];
  /** The layers that are read. */
  readonly layers: readonly number[];
  /** The heads that are read. */
  readonly heads: readonly number[];
  /** The positions that attend. */
  readonly positions: readonly number[];
  /** Weights [layers, heads, positions, tokens]: those of a position sum to 1. */
  readonly weights: TracedNumbers;
  /** A summary of each head, layer after layer. */
  readonly summaries: readonly HeadSummary[];
  /** Attention rollout [positions, tokens]: how much of each token reaches a position; only if it is asked for. */
  readonly rollout: TracedNumbers | undefined;
}

/** What the parts of a layer add to a logit. */
export interface LayerAttribution {
  /** All of the attention: its heads and its bias. */
  readonly attention: number;
  /** Each head. */
  readonly heads: readonly number[];
  /** The bias of the attention's projection; with quantized weights also what rounding leaves over. */
  readonly attentionBias: number;
  /** The MLP. */
  readonly mlp: number;
}

/** How a logit is made of parts. */
export interface LogitAttribution {
  /** The tokens of the text. */
  readonly tokens: readonly InsideToken[];
  /** The position whose next token is predicted. */
  readonly position: number;
  /** The token whose logit is explained. */
  readonly token: InsideToken;
  /** The token whose logit is subtracted, if there is one. */
  readonly against: InsideToken | undefined;
  /** The logit, or the difference of the two. */
  readonly logit: number;
  /** What the embedding of the token at the position adds. */
  readonly embedding: number;
  /** What the embedding of the position adds. */
  readonly positionEmbedding: number;
  /** What each layer adds. */
  readonly layers: readonly LayerAttribution[];
  /** What the bias of the last layer norm adds. */
  readonly bias: number;
  /** The logit less the sum of all parts: rounding. */
  readonly remainder: number;
}

/** How a head attends in repeated random tokens: means of its weights. */
export interface InductionScore {
  /** Layer, from 0. */
  readonly layer: number;
  /** Head, from 0. */
  readonly head: number;
  /** Weight of the token after the earlier copy of the token: 1 for a perfect induction head. */
  readonly induction: number;
  /** Weight of the earlier copy itself. */
  readonly duplicate: number;
  /** Weight of the token before. */
  readonly previous: number;
}
