import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { ResolvedOptions } from '../resolved_options.js';
import { BannedTokens } from './banned_tokens.js';
import { BeginBans } from './begin_bans.js';
import type { CompletionProcessor } from './completion_processor.js';
import { CountPenalties } from './count_penalties.js';
import { Dry } from './dry.js';
import { ForcedTokens } from './forced_tokens.js';
import { LengthDecay } from './length_decay.js';
import { LogitBias } from './logit_bias.js';
import { MinTokens } from './min_tokens.js';
import { NoRepeatNgram } from './no_repeat_ngram.js';
import { OwnProcessor } from './own_processor.js';
import { PromptNgrams } from './prompt_ngrams.js';
import { PromptRepetition } from './prompt_repetition.js';
import { RepetitionPenalty } from './repetition_penalty.js';
import { SequenceBias } from './sequence_bias.js';
import { SequenceBreakers } from './sequence_breakers.js';

/**
 * The processors of a new completion of `prompt`: those that the options turn on, in the order of Hugging
 * Face's `generate`. OpenAI's penalties and DRY, which that does not have, follow the repetition penalty.
 * Forced tokens follow all bans, so that they are possible.
 */
export function createProcessors(
  options: ResolvedOptions,
  prompt: readonly number[],
  eosTokenIds: readonly number[],
  tokenizer: Tokenizer,
): CompletionProcessor[] {
  return [
    ...penalties(options, prompt, tokenizer),
    ...bans(options, prompt, eosTokenIds),
    ...lengths(options, prompt, eosTokenIds),
    ...options.processors.map((own, index) => new OwnProcessor(`processors[${index}]`, own, prompt)),
  ];
}

function* penalties(
  options: ResolvedOptions,
  prompt: readonly number[],
  tokenizer: Tokenizer,
): Iterable<CompletionProcessor> {
  const { logitBias, sequenceBias, repetitionPenalty, encoderRepetitionPenalty } = options;
  const { frequencyPenalty, presencePenalty } = options;
  if (logitBias.size > 0) yield new LogitBias(logitBias);
  if (sequenceBias.length > 0) yield new SequenceBias(sequenceBias, prompt);
  if (encoderRepetitionPenalty !== 1) yield new PromptRepetition(encoderRepetitionPenalty, prompt);
  if (repetitionPenalty !== 1) yield new RepetitionPenalty(repetitionPenalty, prompt);
  if (frequencyPenalty !== 0 || presencePenalty !== 0) {
    yield new CountPenalties(frequencyPenalty, presencePenalty);
  }
  if (options.dryMultiplier > 0) {
    const breakers = new SequenceBreakers(options.drySequenceBreakers, tokenizer);
    yield new Dry(
      {
        multiplier: options.dryMultiplier,
        base: options.dryBase,
        allowedLength: options.dryAllowedLength,
        lastN: options.dryPenaltyLastN,
      },
      breakers,
      prompt,
    );
  }
}

function* bans(
  { noRepeatNgram, encoderNoRepeatNgram, bannedTokens, beginBannedTokens, ...options }: ResolvedOptions,
  prompt: readonly number[],
  eosTokenIds: readonly number[],
): Iterable<CompletionProcessor> {
  const { minTokens, ignoreEos, forcedBos } = options;
  if (noRepeatNgram > 0) yield new NoRepeatNgram(noRepeatNgram, prompt);
  if (encoderNoRepeatNgram > 0) yield new PromptNgrams(encoderNoRepeatNgram, prompt, prompt);
  if (bannedTokens.length > 0) yield new BannedTokens(bannedTokens);
  if (beginBannedTokens.length > 0) {
    yield new BeginBans(beginBannedTokens, forcesBos(forcedBos, prompt) ? 1 : 0);
  }
  if (minTokens > 0 && !ignoreEos) yield new MinTokens(minTokens, eosTokenIds);
}

function* lengths(
  { forcedBos, forcedEos, exponentialDecay, maxTokens, ignoreEos }: ResolvedOptions,
  prompt: readonly number[],
  eosTokenIds: readonly number[],
): Iterable<CompletionProcessor> {
  if (forcesBos(forcedBos, prompt)) yield new ForcedTokens([forcedBos], 0);
  if (forcedEos !== undefined) yield new ForcedTokens(forcedEos, maxTokens - 1);
  if (exponentialDecay !== undefined && !ignoreEos) {
    yield new LengthDecay(exponentialDecay.start, exponentialDecay.factor, eosTokenIds);
  }
}

function forcesBos(forcedBos: number | undefined, prompt: readonly number[]): forcedBos is number {
  return forcedBos !== undefined && prompt.length === 1;
}
