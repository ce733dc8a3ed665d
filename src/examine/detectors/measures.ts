/** Whether higher or lower scores speak for a machine. */
export type ScoreDirection = 'higher' | 'lower';

/** A measure of `detectors`; `observerCurvature` and `binoculars` need an observer. */
export type MeasureName =
  | 'likelihood'
  | 'rank'
  | 'logRank'
  | 'lrr'
  | 'entropy'
  | 'curvature'
  | 'observerCurvature'
  | 'binoculars';

/** All measures, and the direction of each. */
export const MEASURES = {
  likelihood: 'higher',
  rank: 'higher',
  logRank: 'higher',
  lrr: 'higher',
  entropy: 'higher',
  curvature: 'higher',
  observerCurvature: 'higher',
  binoculars: 'lower',
} as const satisfies Record<MeasureName, ScoreDirection>;

/** Measures that need an observer. */
export const OF_TWO_MODELS: readonly MeasureName[] = ['observerCurvature', 'binoculars'];
