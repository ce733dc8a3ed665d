import type { Cancellation } from '../base/cancellation.js';
import type { Edit } from '../core/hooks/edit.js';
import type { ResolvedBannedTexts } from './banned_texts/banned_texts.js';
import type { Format } from './constraints/format.js';
import type { ResolvedFilter } from './filter/resolved_filter.js';
import type { PromptInputs } from './inputs.js';
import type {
  BiasedSequence,
  DraftModel,
  Expert,
  GenerateOptions,
  LengthDecay,
  RareName,
  SamplerName,
} from './options.js';
import type { GivenProcessor } from './processors/logits_processor.js';
import type { ResolvedWatermark } from './watermark/resolved_watermark.js';

/** Checked options with all defaults filled in. */
export interface ResolvedOptions {
  readonly maxTokens: number;
  readonly minTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly typicalP: number;
  readonly topH: number;
  readonly topNSigma: number;
  readonly epsilonCutoff: number;
  readonly etaCutoff: number;
  readonly xtcProbability: number;
  readonly xtcThreshold: number;
  readonly mirostat: number;
  readonly mirostatTau: number;
  readonly mirostatEta: number;
  readonly dynamicTemperatureRange: number;
  readonly dynamicTemperatureExponent: number;
  readonly samplers: readonly SamplerName[] | undefined;
  readonly encoderRepetitionPenalty: number;
  readonly encoderNoRepeatNgram: number;
  readonly dryMultiplier: number;
  readonly dryBase: number;
  readonly dryAllowedLength: number;
  readonly dryPenaltyLastN: number;
  readonly drySequenceBreakers: readonly string[];
  readonly forcedBos: number | undefined;
  readonly forcedEos: readonly number[] | undefined;
  readonly exponentialDecay: LengthDecay | undefined;
  readonly beginBannedTokens: readonly number[];
  readonly renormalize: boolean;
  readonly processors: readonly GivenProcessor[];
  readonly repetitionPenalty: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  readonly noRepeatNgram: number;
  readonly logitBias: ReadonlyMap<number, number>;
  readonly sequenceBias: readonly BiasedSequence[];
  readonly bannedTokens: readonly number[];
  readonly bannedTexts: ResolvedBannedTexts | undefined;
  readonly filter: ResolvedFilter | undefined;
  readonly stop: readonly string[];
  readonly ignoreEos: boolean;
  readonly seed: number;
  readonly logprobs: number | undefined;
  readonly priority: number;
  readonly signal: Cancellation | undefined;
  readonly n: number;
  readonly contextFull: 'stop' | 'error' | 'shift';
  readonly keep: number;
  readonly allowedSpecial: 'none' | 'all' | readonly string[];
  readonly heal: boolean;
  readonly inputs: PromptInputs | undefined;
  readonly edit: readonly Edit[] | undefined;
  readonly beams: number;
  readonly returned: number;
  readonly lengthPenalty: number;
  readonly earlyStopping: boolean | 'never';
  readonly beamGroups: number;
  readonly diversityPenalty: number;
  readonly penaltyAlpha: number;
  readonly speculate: 'prompt' | undefined;
  readonly draft: DraftModel | undefined;
  readonly format: Format | undefined;
  readonly guidance: number | ResolvedDebiasing;
  readonly negativePrompt: GenerateOptions['negativePrompt'];
  readonly experts: readonly Expert[];
  readonly watermark: ResolvedWatermark | undefined;
}

/** Checked `SelfDebiasing`. */
export interface ResolvedDebiasing {
  readonly debias: readonly string[];
  readonly decay: number;
  readonly floor: number;
}

/** Those that are checked on demand. */
export type RareOptions = Pick<ResolvedOptions, RareName>;

/** Whether texts are searched, so that no random number is drawn. */
export const isSearch = ({ beams, penaltyAlpha }: Pick<ResolvedOptions, 'beams' | 'penaltyAlpha'>): boolean =>
  beams > 1 || penaltyAlpha > 0;
