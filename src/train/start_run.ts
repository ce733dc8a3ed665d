import type { ModelConfig } from '../architecture/gpt2/config.js';
import { invalidOption } from '../base/check_options.js';
import { chooseBuild } from '../core/binary.js';
import type { TrainingShape } from '../core/training/shape.js';
import { TrainCore } from '../core/training/train_core.js';
import type { DataPosition } from './data/batches.js';
import { initializeWeights } from './initialize.js';
import type { BatchSource, LoopRun } from './loop_run.js';
import { NEXT_TOKEN, type Objective } from './objective.js';
import type { LoopOptions } from './run_options.js';
import { runPlan } from './run_plan.js';
import { learningRateSchedule } from './schedule.js';
import { fingerprintBase, initializeAdapter } from './state/lora_run.js';
import { openState, type RunStates, restoreState } from './state/resume.js';
import { initialState, type RunIdentity } from './state/run_state.js';

/** A run whose model and data are known. */
export interface RunToStart<Options extends LoopOptions> extends RunStates {
  readonly options: Options;
  readonly config: ModelConfig;
  readonly shape: TrainingShape;
  /** Options, model and data that a resumed run must not change. */
  readonly identity: RunIdentity;
  /** With a shape that has a format to quantize to, steps that are done before. Default 0. */
  readonly quantizeFrom?: number | undefined;
  /** Loads the model's weights. Without it, the model is trained from scratch. */
  readonly load?: ((core: TrainCore) => Promise<void>) | undefined;
  /** Loads or initializes other weights at the start of a run. */
  readonly begin?: (core: TrainCore) => Promise<void>;
  /** Default NEXT_TOKEN. */
  readonly objective?: Objective;
  /** The batches from a position of the data on, by default the first, and the rows of an epoch, 0 if not known. */
  batches(position?: DataPosition): { readonly source: BatchSource; readonly rowsPerEpoch: number };
}

/** Creates the core of a run, with the weights of its first step or of a training state. */
export async function startRun<Options extends LoopOptions>(
  run: RunToStart<Options>,
): Promise<LoopRun & { readonly options: Options }> {
  const { options, config, shape, store, newest, load, objective = NEXT_TOKEN } = run;
  const { threads, seed } = options;
  const saved = newest && (await openState(newest));
  const core = await TrainCore.create({ config, build: chooseBuild(options.build, 'f32'), shape, threads });
  try {
    const hasFrozen = core.frozen.length > 0;
    // A training state has only trained weights: the others are loaded each time.
    if (saved === undefined || hasFrozen) {
      if (load === undefined) initializeWeights(core, seed);
      else await load(core);
    }
    if (saved === undefined) {
      if (shape.lora !== undefined) initializeAdapter(core, seed);
      await run.begin?.(core);
    }
    const identity = { ...run.identity, base: hasFrozen ? fingerprintBase(core) : undefined };
    const restored = saved && (await restoreState(saved, core, identity));
    const { source: batches, rowsPerEpoch } = run.batches(restored?.state.position);
    const plan = runPlan(options, rowsPerEpoch);
    const state = restored?.state ?? initialState(batches.position);
    const quantizeFrom = shape.quantize && (run.quantizeFrom ?? 0);
    if (quantizeFrom !== undefined) {
      if (quantizeFrom >= plan.steps) {
        throw invalidOption('quantizeFrom', quantizeFrom, `below the steps of the run, ${plan.steps}`);
      }
      if (state.step >= quantizeFrom) core.quantize();
    }
    return {
      ...{ options, core, batches, objective, plan, store, identity },
      ...{ state, quantizeFrom },
      best: restored?.best,
      learningRate: learningRateSchedule(plan.schedule),
    };
  } catch (error) {
    core.dispose();
    throw error;
  }
}
