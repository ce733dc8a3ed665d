import type { ResolvedOptions } from '../resolved_options.js';

/** Whether options need processors. */
export function changesLogits(options: ResolvedOptions): boolean {
  const { logitBias, sequenceBias, bannedTokens, frequencyPenalty, presencePenalty } = options;
  const { repetitionPenalty, noRepeatNgram, minTokens } = options;
  const numbers = [frequencyPenalty, presencePenalty, repetitionPenalty - 1, noRepeatNgram, minTokens];
  return [...numbers, logitBias.size, sequenceBias.length, bannedTokens.length].some((each) => each !== 0);
}
