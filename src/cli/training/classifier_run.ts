import { join } from 'node:path';
import { counted } from '../../base/counted.js';
import { Gpt2Error } from '../../base/errors.js';
import { humanTime } from '../../base/human_time.js';
import { folderTarget } from '../../files/folder/folder_target.js';
import { trainingStateFolder } from '../../files/folder/training_state_folder.js';
import type { ClassifierTrainerOptions } from '../../train/classes/classifier_options.js';
import { ClassifierTrainer } from '../../train/classes/classifier_trainer.js';
import { lossCurveSvg } from '../../train/plot/svg.js';
import { trainerOptions } from '../options/train_flags.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, writeJson } from '../terminal/output.js';
import { TrainProgress } from '../terminal/progress/train_progress.js';
import type { TrainValues } from './flags.js';
import { labelledTexts } from './labelled_texts.js';
import { checkOutFolder } from './out_folder.js';

/** Trains a classifier as the flags say. `start` gives the model to train. */
export async function classifierRun(
  paths: readonly string[],
  values: TrainValues,
  start: Pick<ClassifierTrainerOptions, 'model' | 'revision' | 'lora'>,
): Promise<void> {
  const { out, resume = false, force = false, sampleEvery, quiet, json } = values;
  if (sampleEvery !== undefined) {
    throw new Gpt2Error('invalid-option', '--sample-every applies to models that write; leave it out');
  }
  const store = trainingStateFolder(join(out, 'checkpoints'));
  const unfinished = await store.latest();
  if (unfinished !== undefined && !resume) {
    throw new Gpt2Error(
      'invalid-option',
      `${unfinished.name} is the state of an unfinished run; --resume continues it; delete its folder to start again`,
    );
  }
  await checkOutFolder(out, force || unfinished !== undefined);
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  let trainer: ClassifierTrainer | undefined;
  let progress: TrainProgress | undefined;
  try {
    const data = await labelledTexts(paths, signal);
    trainer = await ClassifierTrainer.create({
      ...trainerOptions(values as unknown as Record<string, unknown>),
      ...start,
      ...{ data, signal, resume, checkpoints: store },
    } as ClassifierTrainerOptions);
    if (!quiet) {
      note(
        `read ${counted(data.length, 'text')} of ${trainer.labels.length} classes: ${trainer.labels.join(', ')}`,
      );
      progress = new TrainProgress(process.stderr, trainer.steps);
    }
    for await (const step of trainer) {
      progress?.update(step);
      if (json) await writeJson(step);
    }
    progress?.end();
    await save(trainer, values);
  } catch (error) {
    if (interrupt.exitCode === undefined) throw error;
    if (trainer !== undefined && trainer.step > 0) await trainer.saveState();
    interrupt.report(error, 'interrupted; --resume continues from the latest step');
  } finally {
    progress?.end();
    trainer?.dispose();
  }
}

/** Writes the model and its loss curve, deletes the training states, and prints the figures. */
async function save(trainer: ClassifierTrainer, { out, json, quiet }: TrainValues): Promise<void> {
  const measures = await trainer.measures();
  const target = folderTarget(out);
  await target.write('loss.svg', [new TextEncoder().encode(lossCurveSvg(trainer.curve, `Loss of ${out}`))]);
  await trainer.save(target);
  await trainer.deleteStates();
  const { steps, labels } = trainer;
  if (json)
    await writeJson({ out, steps, loss: trainer.curve.training.at(-1)?.loss, labels, heldOut: measures });
  if (quiet) return;
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  const held =
    measures === undefined
      ? ''
      : `; of ${counted(measures.texts, 'held-out text')}: accuracy ${share(measures.accuracy)}, F1 ${share(measures.f1)}`;
  note(`${out}: trained for ${counted(steps, 'step')} in ${humanTime(process.uptime())}${held}`);
}
