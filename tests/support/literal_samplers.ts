import type { SamplerName } from '../../src/generate/options.js';
import type { ResolvedOptions } from '../../src/generate/resolved_options.js';
import { NaiveRow, rankByProbability } from './fake_core.js';

const never = Number.NEGATIVE_INFINITY;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** softmax(logits) in single precision, as the core computes it. */
const softmax = (logits: readonly number[]) => Array.from(new NaiveRow(logits).softmax(1));

const kept = (logits: readonly number[], keeps: (id: number) => boolean) =>
  logits.map((logit, id) => (keeps(id) ? logit : never));

function entropyOf(probabilities: readonly number[]): number {
  return -sum(probabilities.map((p) => (p === 0 ? 0 : p * Math.log(p))));
}

function divided(logits: readonly number[], temperature: number): number[] {
  return logits.map((logit) => Math.fround(logit / Math.max(temperature, 1e-30)));
}

type Sampler = (logits: readonly number[], options: ResolvedOptions) => number[];

/** Each sampler by its definition, over sorted lists; logits in and out. */
const SAMPLERS: Readonly<Record<Exclude<SamplerName, 'xtc'>, Sampler>> = {
  temperature(logits, { temperature, dynamicTemperatureRange: range, dynamicTemperatureExponent }) {
    if (range === 0) return divided(logits, temperature);
    const count = logits.filter((logit) => logit > never).length;
    if (count < 2) return logits.slice();
    const share = Math.max(0, Math.min(1, entropyOf(softmax(logits)) / Math.log(count)));
    const least = Math.max(0, temperature - range);
    return divided(logits, least + (temperature + range - least) * share ** dynamicTemperatureExponent);
  },
  topNSigma(logits, { topNSigma }) {
    if (topNSigma === 0) return logits.slice();
    const possible = logits.filter((logit) => logit > never);
    const mean = sum(possible) / possible.length;
    const deviation = Math.sqrt(sum(possible.map((logit) => (logit - mean) ** 2)) / possible.length);
    const least = Math.max(...possible) - topNSigma * deviation;
    return kept(logits, (id) => logits[id]! >= least - 1e-12);
  },
  topH(logits, { topH }) {
    if (topH === 0) return logits.slice();
    const p = Float32Array.from(softmax(logits));
    const order = rankByProbability(p).slice(0, 100);
    const total = sum(order.map((id) => p[id]!));
    const terms = order.map((id) => (p[id] === 0 ? 0 : (-p[id]! / total) * Math.log(p[id]! / total)));
    const stays = order.filter(
      (id, rank) => p[id]! > 0 && (rank === 0 || sum(terms.slice(0, rank + 1)) <= topH * sum(terms) + 1e-12),
    );
    return kept(logits, (id) => stays.includes(id));
  },
  topK(logits, { topK }) {
    if (topK === 0) return logits.slice();
    const stays = rankByProbability(Float32Array.from(softmax(logits))).slice(0, topK);
    return kept(logits, (id) => stays.includes(id));
  },
  topP(logits, { topP }) {
    if (topP === 1) return logits.slice();
    const p = Float32Array.from(softmax(logits));
    const order = rankByProbability(p);
    const stays = order.filter(
      (_, rank) => rank === 0 || sum(order.slice(0, rank).map((id) => p[id]!)) < topP,
    );
    return kept(logits, (id) => stays.includes(id) && p[id]! > 0);
  },
  minP(logits, { minP }) {
    const p = softmax(logits);
    return kept(logits, (id) => p[id]! >= minP * Math.max(...p));
  },
  typicalP(logits, { typicalP }) {
    if (typicalP === 1) return logits.slice();
    const p = softmax(logits);
    const logSumExp = new NaiveRow(logits).logSumExp();
    const surprise = (id: number) => logSumExp - logits[id]!;
    const entropy = sum(p.map((each, id) => (logits[id] === never ? 0 : each * surprise(id))));
    const distance = (id: number) => Math.abs(surprise(id) - entropy);
    const order = [...p.keys()].filter((id) => p[id]! > 0).sort((a, b) => distance(a) - distance(b));
    let count = 1;
    for (let mass = p[order[0]!]!; count < order.length && mass < typicalP; ) mass += p[order[count++]!]!;
    const farthest = distance(order[count - 1]!);
    return kept(logits, (id) => p[id]! > 0 && distance(id) <= farthest + 1e-9);
  },
  epsilonCutoff(logits, { epsilonCutoff }) {
    const p = softmax(logits);
    return kept(logits, (id) => p[id]! >= epsilonCutoff || p[id] === Math.max(...p));
  },
  etaCutoff(logits, { etaCutoff }) {
    const p = softmax(logits);
    const eta = Math.min(etaCutoff, Math.sqrt(etaCutoff) * Math.exp(-entropyOf(p)));
    return kept(logits, (id) => p[id]! >= eta || p[id] === Math.max(...p));
  },
};

/** XTC by its definition, when it is its turn. */
export function literalXtc(logits: readonly number[], threshold: number): number[] {
  const p = Float32Array.from(softmax(logits));
  const top = rankByProbability(p).filter((id) => logits[id]! > never && p[id]! >= threshold);
  return kept(logits, (id) => !top.slice(0, -1).includes(id));
}

/** The probabilities that samplers leave of logits, one after the other; without XTC. */
export function literalSamplers(
  logits: readonly number[],
  order: readonly SamplerName[],
  options: ResolvedOptions,
): number[] {
  let left = Array.from(Float32Array.from(logits));
  for (const name of order) if (name !== 'xtc') left = SAMPLERS[name](left, options);
  return left;
}
