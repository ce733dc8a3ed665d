import type { TracedNumbers } from '../../../model/trace/options.js';
import type { ShareEstimate } from '../../statistics/estimates.js';
import type { Interval } from '../../statistics/interval.js';
import type { StatePosition } from '../states_here.js';

/** What a probe says of a text: a class, or a number. */
export type ProbeLabel = string | boolean | number;

/** The share of the labels' variance that predictions explain. */
export interface ExplainedVariance {
  /** R2: 1 for exact predictions, 0 or less for what the mean of the labels does as well. */
  readonly r2: number;
  /** The bootstrap's interval of 95 % over texts; `undefined` if no sample differs from another. */
  readonly interval: Interval | undefined;
}

/** What is read from one layer. */
export interface LayerProbe {
  /** 0 is the residual stream after the embeddings, n after the first n layers. */
  readonly layer: number;
  /** Classes: how many texts, each left out of the fit that judges it, get their label. */
  readonly accuracy: ShareEstimate | undefined;
  /** Numbers: how well texts, each left out of the fit that judges it, get theirs. */
  readonly explained: ExplainedVariance | undefined;
  /** What each text gets from the fit that it is left out of. */
  readonly predictions: readonly ProbeLabel[];
  /** The penalty of the fit to all texts. */
  readonly penalty: number;
  /** The fit to all texts: [classes, channels], or [1, channels] for numbers. */
  readonly weights: TracedNumbers;
  /** What is added to each output. */
  readonly intercepts: readonly number[];
}

/** Probes of the layers of a model, as data that can be kept. */
export interface Probe {
  /** The classes in the order in which they come; undefined for numbers. */
  readonly classes: readonly (string | boolean)[] | undefined;
  /** Of which tokens of a text the numbers are taken. */
  readonly position: StatePosition;
  /** How many texts there are. */
  readonly texts: number;
  /** Share of the most frequent class: what is right without looking; undefined for numbers. */
  readonly baseline: number | undefined;
  /** By layer. */
  readonly layers: readonly LayerProbe[];
}

/** What a probe says of a text. */
export interface ProbePrediction {
  /** The class with the highest score, or the number. */
  readonly label: ProbeLabel;
  /** A score of each class, about 1 for one that is sure and 0 for others; or the number alone. */
  readonly scores: readonly number[];
}
