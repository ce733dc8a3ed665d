import type { ResolvedOptions } from '../resolved_options.js';
import { BannedTokens } from './banned_tokens.js';
import type { CompletionProcessor } from './completion_processor.js';
import { CountPenalties } from './count_penalties.js';
import { LogitBias } from './logit_bias.js';
import { MinTokens } from './min_tokens.js';
import { NoRepeatNgram } from './no_repeat_ngram.js';
import { RepetitionPenalty } from './repetition_penalty.js';
import { SequenceBias } from './sequence_bias.js';

/**
 * The processors of a new completion of `prompt`: those that the options turn on, in the order of Hugging
 * Face's `generate`. OpenAI's penalties, which that does not have, follow the repetition penalty.
 */
export function createProcessors(
  {
    logitBias,
    sequenceBias,
    repetitionPenalty,
    frequencyPenalty,
    presencePenalty,
    noRepeatNgram,
    bannedTokens,
    minTokens,
    ignoreEos,
  }: ResolvedOptions,
  prompt: readonly number[],
  eosTokenIds: readonly number[],
): CompletionProcessor[] {
  const processors: CompletionProcessor[] = [];
  if (logitBias.size > 0) processors.push(new LogitBias(logitBias));
  if (sequenceBias.length > 0) processors.push(new SequenceBias(sequenceBias, prompt));
  if (repetitionPenalty !== 1) processors.push(new RepetitionPenalty(repetitionPenalty, prompt));
  if (frequencyPenalty !== 0 || presencePenalty !== 0) {
    processors.push(new CountPenalties(frequencyPenalty, presencePenalty));
  }
  if (noRepeatNgram > 0) processors.push(new NoRepeatNgram(noRepeatNgram, prompt));
  if (bannedTokens.length > 0) processors.push(new BannedTokens(bannedTokens));
  if (minTokens > 0 && !ignoreEos) processors.push(new MinTokens(minTokens, eosTokenIds));
  return processors;
}
