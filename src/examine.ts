import './base/globals.js';

export { Gpt2Error, type Gpt2ErrorCode } from './base/errors.js';
export type { AnyModel } from './examine/any_model.js';
export {
  type ByPosition,
  type ByPositionOptions,
  byPosition,
  type PositionBucket,
} from './examine/robustness/by_position.js';
export {
  type ContextShift,
  type ContextShiftsOptions,
  contextShifts,
} from './examine/robustness/context_shifts.js';
export {
  type Needle,
  type NeedleRecall,
  type NeedleRecallOptions,
  needleRecall,
} from './examine/robustness/needle_recall.js';
export { byPositionSvg } from './examine/robustness/position_figure.js';
export {
  type TypoEffect,
  type TypoEffectOptions,
  type TypoEffects,
  typoEffects,
} from './examine/robustness/typo_effect.js';
export type { TypoKind } from './examine/robustness/typos.js';
export type {
  Examination,
  ExaminedSentence,
  ExaminedToken,
  ExaminedWord,
  Span,
} from './examine/text/examination.js';
export { type ExamineOptions, examine } from './examine/text/examine.js';
export type { RankBins } from './examine/text/rank_bins.js';
export {
  type ClozeItem,
  type ClozeOptions,
  clozeItems,
  type Distractor,
} from './examine/tutoring/cloze_items.js';
export { type Hint, type HintedWord, hints } from './examine/tutoring/hints.js';
export {
  type OddWord,
  type OddWordsOptions,
  oddWords,
  type Suggestion,
} from './examine/tutoring/odd_words.js';
export {
  type Difficulty,
  type ReadingDifficulty,
  readingDifficulty,
  type SentenceDifficulty,
  type WordDifficulty,
} from './examine/tutoring/reading_difficulty.js';
export type { Extent } from './examine/tutoring/spans.js';
export type { Work, WorkProgress } from './model/remote_models.js';
