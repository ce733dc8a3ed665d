import { exp, LN2 } from '../../../base/exact_math.js';
import { meanOf } from '../../statistics/moments.js';

/**
 * What a metric has of one document: one number, or several for metrics of all documents together ([ln p, weight],
 * [right class, chosen class], [right class, p of each class]).
 */
export type MetricValue = readonly number[];

/** How values of documents become one number; `undefined` if there is none. */
type Aggregation = (values: readonly MetricValue[]) => number | undefined;

const firsts = (values: readonly MetricValue[]) => values.map(([first]) => first!);
const squared = (number: number) => number * number;
const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

/** Sum of ln p over the sum of weights. */
function weightedMean(values: readonly MetricValue[]): number | undefined {
  const weight = sumOf(values.map(([, each]) => each!));
  return weight > 0 ? sumOf(firsts(values)) / weight : undefined;
}

const AGGREGATIONS: Readonly<Record<string, Aggregation>> = {
  mean: (values) => meanOf(firsts(values)),
  median(values) {
    const sorted = firsts(values).sort((a, b) => a - b);
    // The upper one of two middle values, as in the harness.
    return sorted[Math.floor(sorted.length / 2)];
  },
  perplexity: (values) => exp(-meanOf(firsts(values))),
  weighted_perplexity(values) {
    const mean = weightedMean(values);
    return mean === undefined ? undefined : exp(-mean);
  },
  bits_per_byte(values) {
    const mean = weightedMean(values);
    return mean === undefined ? undefined : -mean / LN2;
  },
  f1: (values) => f1(values),
  matthews_corrcoef: (values) => matthews(values),
  brier_score: (values) =>
    meanOf(
      values.map(([gold, ...shares]) =>
        sumOf(shares.map((share, i) => squared(share - (i === gold ? 1 : 0)))),
      ),
    ),
};

/** F1 of class 1 among classes 0 and 1. */
function f1(values: readonly MetricValue[]): number {
  const count = (gold: number, chosen: number) =>
    values.filter(([g, c]) => g === gold && c === chosen).length;
  const both = 2 * count(1, 1);
  const all = both + count(0, 1) + count(1, 0);
  return all === 0 ? 0 : both / all;
}

/** Matthews' correlation of right and chosen classes, of any number of classes (Gorodkin 2004). */
function matthews(values: readonly MetricValue[]): number {
  const right = values.filter(([gold, chosen]) => gold === chosen).length;
  const n = values.length;
  const counts = new Map<number, { gold: number; chosen: number }>();
  const countOf = (each: number) => {
    const known = counts.get(each) ?? { gold: 0, chosen: 0 };
    counts.set(each, known);
    return known;
  };
  for (const [gold, chosen] of values) {
    countOf(gold!).gold++;
    countOf(chosen!).chosen++;
  }
  let products = 0;
  let golds = 0;
  let choices = 0;
  for (const { gold, chosen } of counts.values()) {
    products += gold * chosen;
    golds += gold * gold;
    choices += chosen * chosen;
  }
  const scale = Math.sqrt((n * n - golds) * (n * n - choices));
  return scale === 0 ? 0 : (right * n - products) / scale;
}

/** A metric: how it is aggregated by default, and what is divided by what, in words. */
interface Metric {
  readonly aggregation: string;
  readonly higherIsBetter: boolean;
  readonly normalization: string;
}

const METRICS: Readonly<Record<string, Metric>> = {
  acc: { aggregation: 'mean', higherIsBetter: true, normalization: 'none: ln p of all tokens' },
  acc_norm: { aggregation: 'mean', higherIsBetter: true, normalization: 'ln p over characters' },
  acc_bytes: { aggregation: 'mean', higherIsBetter: true, normalization: 'ln p over bytes' },
  acc_mutual_info: {
    aggregation: 'mean',
    higherIsBetter: true,
    normalization: 'ln p less ln p without a context',
  },
  perplexity: { aggregation: 'perplexity', higherIsBetter: false, normalization: 'per document' },
  word_perplexity: { aggregation: 'weighted_perplexity', higherIsBetter: false, normalization: 'per word' },
  byte_perplexity: { aggregation: 'weighted_perplexity', higherIsBetter: false, normalization: 'per byte' },
  bits_per_byte: { aggregation: 'bits_per_byte', higherIsBetter: false, normalization: 'per byte' },
  exact_match: { aggregation: 'mean', higherIsBetter: true, normalization: 'none' },
  f1: { aggregation: 'f1', higherIsBetter: true, normalization: 'none: ln p of all tokens' },
  mcc: { aggregation: 'matthews_corrcoef', higherIsBetter: true, normalization: 'none: ln p of all tokens' },
  brier_score: { aggregation: 'brier_score', higherIsBetter: false, normalization: 'p among the choices' },
};

/** A metric that a function of a task gives. */
const OTHER: Metric = { aggregation: 'mean', higherIsBetter: true, normalization: 'none' };

export const METRIC_NAMES = Object.keys(METRICS);
export const AGGREGATION_NAMES = Object.keys(AGGREGATIONS);

/** What is known of a metric by its name. */
export function metricOf(name: string): Metric {
  return Object.hasOwn(METRICS, name) ? METRICS[name]! : OTHER;
}

/** One number of the values of documents, of which there is at least one. */
export function aggregate(name: string, values: readonly MetricValue[]): number | undefined {
  const result = AGGREGATIONS[name]!(values);
  return result !== undefined && Number.isFinite(result) ? result : undefined;
}
