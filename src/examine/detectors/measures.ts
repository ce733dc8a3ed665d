/** Measures of `detectors`, and whether higher or lower values speak for a machine. */
export const MEASURES = {
  likelihood: 'higher',
  rank: 'higher',
  logRank: 'higher',
  lrr: 'higher',
  entropy: 'higher',
  curvature: 'higher',
  observerCurvature: 'higher',
  binoculars: 'lower',
} as const satisfies Record<string, Direction>;

export type Direction = 'higher' | 'lower';
export type MeasureName = keyof typeof MEASURES;

/** Measures that need an observer. */
export const OF_TWO_MODELS: readonly MeasureName[] = ['observerCurvature', 'binoculars'];
