import { Gpt2Error } from '../../base/errors.js';
import { folderTarget } from '../../files/folder/folder_target.js';
import type { JsonObject } from '../../files/json_object.js';
import type { ModelTarget } from '../../files/target.js';
import { lossCurveSvg } from '../../train/plot/svg.js';
import type { RunOptions } from '../../train/run_options.js';
import type { TrainingLoop } from '../../train/training_loop.js';
import { trainerOptions } from '../options/train_flags.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, writeJson } from '../terminal/output.js';
import { TrainProgress } from '../terminal/progress/train_progress.js';
import type { TrainValues } from './flags.js';
import { openRunStates, saveInterrupted } from './run_states.js';

/** A trainer that writes what it has trained. */
interface ExampleTrainer extends TrainingLoop {
  save(target: ModelTarget): Promise<void>;
}

/** How a run over examples is described. */
export interface ExampleRun<Trainer extends ExampleTrainer> {
  /** Reads the data and creates the trainer. */
  create(options: Partial<RunOptions>, signal: AbortSignal): Promise<Trainer>;
  /** Lines before the first step. */
  begun(trainer: Trainer): readonly string[];
  /** Figures of the trained model, for machines, and in one line. */
  ended(trainer: Trainer): Promise<{ readonly figures: JsonObject; readonly line: string }>;
}

/** Trains on examples as the flags say; the folder gets the result. */
export async function exampleRun<Trainer extends ExampleTrainer>(
  values: TrainValues,
  { create, begun, ended }: ExampleRun<Trainer>,
): Promise<void> {
  const { out, resume = false, sampleEvery, quiet, json } = values;
  if (sampleEvery !== undefined) {
    throw new Gpt2Error('invalid-option', '--sample-every applies to --task text; leave it out');
  }
  const { store } = await openRunStates(values);
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  let trainer: Trainer | undefined;
  let progress: TrainProgress | undefined;
  try {
    const options = trainerOptions(values as unknown as Record<string, unknown>) as Partial<RunOptions>;
    trainer = await create({ ...options, signal, resume, checkpoints: store }, signal);
    if (!quiet) {
      for (const line of begun(trainer)) note(line);
      progress = new TrainProgress(process.stderr, trainer.steps);
    }
    for await (const step of trainer) {
      progress?.update(step);
      if (json) await writeJson(step);
    }
    progress?.end();
    const { figures, line } = await ended(trainer);
    const target = folderTarget(out);
    // Losses of examples are not per token.
    const svg = lossCurveSvg(trainer.curve, `Loss of ${out}`, 'loss');
    await target.write('loss.svg', [new TextEncoder().encode(svg)]);
    await trainer.save(target);
    await trainer.deleteStates();
    const { steps, curve } = trainer;
    if (json) await writeJson({ out, steps, loss: curve.training.at(-1)?.loss, ...figures });
    if (!quiet) note(`${out}: ${line}`);
  } catch (error) {
    if (interrupt.exitCode === undefined) throw error;
    interrupt.report(error, await saveInterrupted(trainer));
  } finally {
    progress?.end();
    trainer?.dispose();
  }
}

/** A share as people read it. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
