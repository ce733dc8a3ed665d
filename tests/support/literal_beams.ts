import { power } from '../../src/base/exact_math.js';
import type { BeamSearchOptions } from '../../src/generate/search/beam_search.js';
import { NaiveRow } from './fake_core.js';

interface Text {
  readonly tokens: readonly number[];
  readonly total: number;
}
interface Scored {
  readonly tokens: readonly number[];
  readonly score: number;
  readonly finishReason: string;
}

/**
 * Beam search and diverse beam search by their definitions: every continuation is written out and sorted.
 * `logProbsOf`: the log-probabilities [V] after generated tokens.
 */
export function literalBeams(
  options: BeamSearchOptions,
  logProbsOf: (tokens: readonly number[]) => Float32Array,
): Scored[] {
  const { beams, groups, diversityPenalty, lengthPenalty, earlyStopping, maxTokens, endTokens } = options;
  const width = beams / groups;
  const states = Array.from({ length: groups }, () => ({
    live: [{ tokens: [], total: 0 }] as Text[],
    finished: [] as Scored[],
  }));
  const reasonOf = (tokens: readonly number[]) => {
    if (endTokens.has(tokens.at(-1)!)) return 'eos';
    return options.stops(tokens) ? 'stop' : undefined;
  };

  for (let length = 1; length <= maxTokens; length++) {
    const taken: number[] = [];
    for (const state of states) {
      const continuations = state.live
        .flatMap(({ tokens, total }) => {
          const logProbs = logProbsOf(tokens);
          for (const token of new Set(taken)) {
            logProbs[token]! -= diversityPenalty * taken.filter((other) => other === token).length;
          }
          for (const processor of processorsAfter(options, tokens))
            processor.apply(logProbs, new NaiveRow(logProbs));
          return Array.from(logProbs, (logProb, token) => ({
            tokens: [...tokens, token],
            total: total + logProb,
          }));
        })
        .filter(({ total }) => total > Number.NEGATIVE_INFINITY)
        // Array.sort is stable: equal ones stay in the order of beams and tokens.
        .sort((a, b) => b.total - a.total)
        .slice(0, width * Math.max(2, 1 + endTokens.size));
      const ended = continuations.slice(0, width).flatMap(({ tokens, total }) => {
        const finishReason = reasonOf(tokens) ?? (length === maxTokens ? options.maxTokensReason : undefined);
        return finishReason === undefined
          ? []
          : [{ tokens, score: total / weightOf(length, lengthPenalty), finishReason }];
      });
      state.finished = [...state.finished, ...ended].sort((a, b) => b.score - a.score).slice(0, width);
      state.live = continuations.filter(({ tokens }) => reasonOf(tokens) === undefined).slice(0, width);
      taken.push(...state.live.map(({ tokens }) => tokens.at(-1)!));
      if (state.live.length > 0 && state.finished.length === width) {
        const reach = earlyStopping === 'never' && lengthPenalty > 0 ? maxTokens : length;
        const bound = state.live[0]!.total / weightOf(reach, lengthPenalty);
        if (earlyStopping === true || bound <= state.finished.at(-1)!.score) state.live = [];
      }
    }
  }
  return states.flatMap(({ finished }) => finished).sort((a, b) => b.score - a.score);
}

function processorsAfter(options: BeamSearchOptions, tokens: readonly number[]) {
  const processors = options.createProcessors();
  for (const token of tokens) for (const processor of processors) processor.push?.(token);
  return processors;
}

/** The engine's own `**` differs in the last bit, but for an exponent of 1. */
const weightOf = (length: number, lengthPenalty: number) =>
  lengthPenalty === 1 ? length : power(length, lengthPenalty);
