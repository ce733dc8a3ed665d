import { checkNumber, whole } from '../../base/check_number.js';
import type { DocumentPart } from '../../files/data_file.js';
import type { TrainingStateStore } from '../../files/training_state_store.js';
import { readDocuments } from '../../train/data/read_documents.js';
import { Trainer } from '../../train/trainer.js';
import type { TrainerOptions } from '../../train/trainer_options.js';
import { findData } from '../inputs/find_data.js';
import { inFlagTerms } from '../options/flag_terms.js';
import { trainerOptions } from '../options/train_flags.js';
import { checkNewFile } from '../outputs/new_file.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';
import { TrainProgress } from '../terminal/progress/train_progress.js';
import { distillationOptions } from './distillation.js';
import type { TrainValues } from './flags.js';
import { reportRun } from './report.js';
import { dataSummary, type ReadData, saveResult } from './result.js';
import { openRunStates, saveInterrupted } from './run_states.js';
import { SkippedTexts } from './skipped_texts.js';

/** Length of a sample in tokens. */
const SAMPLE_TOKENS = 60;
const SAMPLE_TEMPERATURE = 0.8;

/** Changes the documents that are learned. */
export type ChangeDocuments = (parts: AsyncIterable<DocumentPart>) => AsyncIterable<DocumentPart>;

/** Trains as the flags say. `start` gives the model to train. */
export async function trainRun(
  paths: readonly string[],
  values: TrainValues,
  start: (signal: AbortSignal) => Promise<Partial<TrainerOptions>>,
  change: ChangeDocuments = (parts) => parts,
): Promise<void> {
  const { resume = false, sampleEvery, skipInvalid, report, quiet } = values;
  if (sampleEvery !== undefined) checkNumber('--sample-every', sampleEvery, whole(1));
  const { files, skipped } = await findData(paths, quiet);
  const { store, mayReplace } = await openRunStates(values);
  if (typeof report === 'string') await checkNewFile(report, mayReplace);
  const texts = new SkippedTexts(skipped);
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const reading = reportProgress(process.stderr, 'reading', { quiet });
  const writing = reportProgress(process.stderr, 'writing', { quiet });
  let trainer: Trainer | undefined;
  try {
    trainer = await Trainer.create({
      ...trainerOptions(values as unknown as Record<string, unknown>),
      ...(await start(signal)),
      ...{ signal, resume, checkpoints: store, ...distillationOptions(values) },
      ...(values.teacherTexts && {
        onTeacherText({ texts, total }) {
          reading.end();
          writing.update({ loaded: texts, total, file: 'texts of the teachers' });
        },
      }),
      data: change(
        readDocuments(files, {
          ...{ signal, skipInvalid, onProgress: (state) => reading.update(state) },
          onSkip: (text) => texts.add(text),
        }),
      ),
    });
    reading.end();
    writing.end();
    const notes = [texts.note(), ...trainer.notes, dataSummary(files.length, trainer.data)];
    if (!quiet) for (const text of notes) if (text !== undefined) note(inFlagTerms(text));
    await reportRun(trainer, values, texts);
    await train(trainer, values);
    const read: ReadData = { files: files.length, skipped };
    await saveResult(trainer, values, read);
  } catch (error) {
    if (interrupt.exitCode === undefined) {
      if (trainer !== undefined) await noteKept(store);
      throw error;
    }
    interrupt.report(error, await saveInterrupted(trainer));
  } finally {
    reading.end();
    writing.end();
    trainer?.dispose();
  }
}

/** Says, after a run has failed, that its newest training state is still there. */
async function noteKept(store: TrainingStateStore): Promise<void> {
  const kept = await store.latest();
  if (kept !== undefined) note(`${kept.name} is kept; --resume continues from it`);
}

async function train(
  trainer: Trainer,
  { json, quiet, sampleEvery, prompt = '' }: TrainValues,
): Promise<void> {
  if (trainer.step > 0 && !quiet) note(`resumed after step ${trainer.step} of ${trainer.steps}`);
  const progress = quiet ? undefined : new TrainProgress(process.stderr, trainer.steps);
  try {
    for await (const step of trainer) {
      progress?.update(step);
      if (json) await writeJson(step);
      if (sampleEvery === undefined || step.step % sampleEvery !== 0) continue;
      const sample = await sampleOf(trainer, prompt, step.step);
      progress?.note(`step ${step.step}: ${prompt}${sample}`);
      if (json) await writeJson({ step: step.step, prompt, sample });
    }
  } finally {
    progress?.end();
  }
}

async function sampleOf(trainer: Trainer, prompt: string, seed: number): Promise<string> {
  const model = await trainer.model();
  try {
    const options = { maxTokens: SAMPLE_TOKENS, temperature: SAMPLE_TEMPERATURE, seed };
    const { choices } = await model.generate(prompt, options);
    return choices[0]!.text;
  } finally {
    model.dispose();
  }
}
