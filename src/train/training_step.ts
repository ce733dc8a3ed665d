/** One step of the optimizer. */
export interface TrainingStep {
  /** Number of the step, from 1. */
  readonly step: number;
  /** Mean loss of the step's targets before the update, in nats. */
  readonly loss: number;
  /** Euclidean norm of all gradients before clipping. */
  readonly gradNorm: number;
  /** Learning rate of this step. */
  readonly learningRate: number;
  /** Tokens of all steps of the run so far. */
  readonly tokens: number;
  /** Speed of this step, without evaluation and saving. */
  readonly tokensPerSecond: number;
  /** Of preferences in the step: share of pairs whose rewards are in the right order, before the update. */
  readonly accuracy?: number;
  /** Of preferences in the step: mean reward of better answers minus that of worse ones, before the update. */
  readonly margin?: number;
  /** As `accuracy`, of the held-out preferences after the update, for steps that have an evaluation. */
  readonly validationAccuracy?: number;
  /** Mean loss of the held-out documents after the update, in nats, for steps that have an evaluation. */
  readonly validationLoss?: number;
}
