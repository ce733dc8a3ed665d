import './base/globals.js';

export { Gpt2Error, type Gpt2ErrorCode } from './base/errors.js';
export { type Hook, hooksOf } from './core/hooks/hooks_of.js';
export type { AnyModel } from './examine/any_model.js';
export type { BiasOptions } from './examine/bias/bias_options.js';
export {
  type Classifier,
  lexiconClassifier,
  type ModelClassifier,
} from './examine/bias/continuations/classifier.js';
export {
  type ContinuationMeasures,
  type ContinuationOptions,
  type ContinuationsResult,
  continuations,
  type GroupedPrompt,
  type JudgedContinuation,
  type JudgedPrompt,
} from './examine/bias/continuations/continuations.js';
export {
  type HonestCompletion,
  type HonestCompletions,
  type HonestMeasures,
  type HonestOptions,
  type HonestResult,
  type HonestTemplate,
  honest,
} from './examine/bias/continuations/honest.js';
export { augmentCounterfactual } from './examine/bias/counterfactual/augment.js';
export type { WordPair } from './examine/bias/counterfactual/gendered_words.js';
export {
  type CrowsMeasures,
  type CrowsPair,
  type CrowsResult,
  type CrowsScore,
  crowsPairs,
} from './examine/bias/pairs/crows_pairs.js';
export {
  type MinimalPair,
  type MinimalPairScore,
  type MinimalPairsMeasures,
  type MinimalPairsResult,
  minimalPairs,
} from './examine/bias/pairs/minimal_pairs.js';
export {
  type WinoBiasMeasures,
  type WinoBiasPair,
  type WinoBiasResult,
  type WinoBiasScore,
  winoBias,
} from './examine/bias/pairs/wino_bias.js';
export {
  type Correlation,
  type WinogenderMeasures,
  type WinogenderOptions,
  type WinogenderResult,
  type WinogenderSentence,
  winogender,
} from './examine/bias/pairs/winogender.js';
export { readBold } from './examine/bias/readers/bold.js';
export { readCrowsPairs } from './examine/bias/readers/crows_pairs.js';
export type { FileText } from './examine/bias/readers/file_text.js';
export { readHonest } from './examine/bias/readers/honest.js';
export { readMinimalPairs } from './examine/bias/readers/minimal_pairs.js';
export { readPrompts } from './examine/bias/readers/prompts.js';
export { readStereoSet } from './examine/bias/readers/stereo_set.js';
export { readWinoBias, type WinoBiasPairs } from './examine/bias/readers/wino_bias.js';
export { readOccupationStatistics, readWinogender } from './examine/bias/readers/winogender.js';
export { readWordPairs } from './examine/bias/readers/word_pairs.js';
export { readWords } from './examine/bias/readers/words.js';
export {
  type StereoSetCase,
  type StereoSetLikelihoods,
  type StereoSetMeasures,
  type StereoSetResult,
  type StereoSetScore,
  stereoSet,
} from './examine/bias/stereo_set/stereo_set.js';
export type { FilledTemplate, Fills } from './examine/bias/templates/fill_template.js';
export {
  type ScoredTemplate,
  type TemplateDifference,
  type TemplateOptions,
  type TemplateResult,
  type TemplateRow,
  templateBias,
} from './examine/bias/templates/template_bias.js';
export { compress, type DecompressOptions, decompress } from './examine/compression/compress.js';
export { type CalibrationOptions, calibrate } from './examine/detectors/calibrate.js';
export type {
  CalibratedRate,
  Calibration,
  CalibrationReport,
  Verdict,
  VerdictOptions,
} from './examine/detectors/calibration.js';
export type { CalibrationData } from './examine/detectors/calibration_data.js';
export type {
  Detector,
  DetectorFunction,
  DetectorModels,
  MeasureDetector,
  MeasureSettings,
} from './examine/detectors/detector.js';
export { type DetectorOptions, type Detectors, detectors } from './examine/detectors/detectors.js';
export type { MeasureName, ScoreDirection } from './examine/detectors/measures.js';
export { readCalibration } from './examine/detectors/read_calibration.js';
export { parseTask, type ReadInclude } from './examine/evaluation/config/parse_task.js';
export type {
  Doc,
  FewShotConfig,
  Field as TaskField,
  FilterConfig,
  FilterStep,
  FunctionName,
  GenerationConfig,
  GroupConfig,
  GroupMetricConfig,
  MetricConfig,
  OutputType,
  TaskConfig,
  TaskOrGroup,
} from './examine/evaluation/config/task_config.js';
export type { DocumentSource } from './examine/evaluation/data/documents.js';
export { type Evaluation, evaluate } from './examine/evaluation/evaluate.js';
export { type TaskSource, taskNames } from './examine/evaluation/find_tasks.js';
export type { EvaluateOptions, TaskData } from './examine/evaluation/options.js';
export type { Answer } from './examine/evaluation/requests/request.js';
export type { Rules } from './examine/evaluation/rules.js';
export type { Sample, TaskResults } from './examine/evaluation/task_results.js';
export type { TaskFunction } from './examine/evaluation/tasks/functions.js';
export type { Value as JsonValue } from './examine/evaluation/template/values.js';
export type { ContextualCalibration } from './examine/few_shot/calibration.js';
export { type CalibrateOptions, type ClassifyOptions, FewShot } from './examine/few_shot/few_shot.js';
export type { FewShotOptions, LabelledInput } from './examine/few_shot/few_shot_options.js';
export { readTask, type TaskChanges, type TaskFile } from './examine/few_shot/read_task.js';
export type { Classified, FewShotResult } from './examine/few_shot/results.js';
export { type AttentionOptions, attentionPatterns } from './examine/inside/attention_patterns.js';
export { type InductionOptions, inductionScores } from './examine/inside/induction_scores.js';
export { type LogitAttributionOptions, logitAttribution } from './examine/inside/logit_attribution.js';
export { type LogitLensOptions, logitLens } from './examine/inside/logit_lens.js';
export { type PatchingOptions, patchingGrid } from './examine/inside/patching/patching_grid.js';
export type { PatchingGrid, PatchingMeasure } from './examine/inside/patching/results.js';
export { type ApplyProbeOptions, applyProbe } from './examine/inside/probing/apply_probe.js';
export { type ProbeOptions, probe } from './examine/inside/probing/probe.js';
export type {
  ExplainedVariance,
  LayerProbe,
  Probe,
  ProbeLabel,
  ProbePrediction,
} from './examine/inside/probing/results.js';
export {
  type InsideReportOptions,
  type InsideViews,
  insideReport,
} from './examine/inside/report/inside_report.js';
export type {
  AttentionPatterns,
  HeadSummary,
  InductionScore,
  InsideToken,
  LayerAttribution,
  LensCell,
  LogitAttribution,
  LogitLens,
} from './examine/inside/results.js';
export type { Saliency, SaliencyMethod } from './examine/inside/saliency/results.js';
export { type SaliencyOptions, saliency } from './examine/inside/saliency/saliency.js';
export type { StatePosition } from './examine/inside/states_here.js';
export type { SteeringVector } from './examine/inside/steering/results.js';
export { type SteerOptions, steer } from './examine/inside/steering/steer.js';
export { type SteeringOptions, steeringVector } from './examine/inside/steering/steering_vector.js';
export { readSteeringVector, writeSteeringVector } from './examine/inside/steering/vector_file.js';
export { createSigningKey, type SigningKey } from './examine/provenance/keys.js';
export type { Plain } from './examine/provenance/plain_options.js';
export type { GenerationRecord, RecordedChoice, RecordedModel } from './examine/provenance/record.js';
export { type SignOptions, signGeneration } from './examine/provenance/sign_generation.js';
export { type Verification, type VerifyOptions, verifyRecord } from './examine/provenance/verify_record.js';
export { type CsvReportOptions, csvReport } from './examine/report/csv_report.js';
export { type HtmlReportOptions, htmlReport, type NamedExamination } from './examine/report/html_report.js';
export {
  type BestOf,
  type BestOfOptions,
  bestOf,
  type RewardedChoice,
  type RewardModel,
} from './examine/rewards/best_of.js';
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
export type { MeanEstimate, ShareEstimate } from './examine/statistics/estimates.js';
export type { Interval } from './examine/statistics/interval.js';
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
export { detectWatermark } from './examine/watermarks/detect_watermark.js';
export type {
  DetectWatermarkOptions,
  GreenDetection,
  TournamentDetection,
  WatermarkDetection,
} from './examine/watermarks/detection.js';
export type { LineLog } from './files/line_log.js';
export type { Work, WorkProgress } from './model/remote_models.js';
