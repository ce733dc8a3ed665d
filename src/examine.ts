import './base/globals.js';

export { Gpt2Error, type Gpt2ErrorCode } from './base/errors.js';
export type { AnyModel } from './examine/any_model.js';
export type {
  Examination,
  ExaminedSentence,
  ExaminedToken,
  ExaminedWord,
  Span,
} from './examine/text/examination.js';
export { type ExamineOptions, examine } from './examine/text/examine.js';
export type { RankBins } from './examine/text/rank_bins.js';
export type { Work, WorkProgress } from './model/remote_models.js';
