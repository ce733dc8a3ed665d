import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { counted } from '../../base/counted.js';
import { Gpt2Error } from '../../base/errors.js';
import { threeDigits } from '../../base/human_bytes.js';
import { humanTime } from '../../base/human_time.js';
import { folderTarget } from '../../files/folder/folder_target.js';
import { trainingStateFolder } from '../../files/folder/training_state_folder.js';
import type { TrainingStateStore } from '../../files/training_state_store.js';
import { readDocuments } from '../../train/data/read_documents.js';
import type { DataCounts } from '../../train/data/token_documents.js';
import { lossCurveSvg } from '../../train/plot/svg.js';
import { lossCurveText } from '../../train/plot/terminal.js';
import { Trainer } from '../../train/trainer.js';
import type { TrainerOptions } from '../../train/trainer_options.js';
import { findData } from '../inputs/find_data.js';
import { parseNumber } from '../options/parse.js';
import { addTrainFlags, trainerOptions } from '../options/train_flags.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';
import { columnsOf, usesColors } from '../terminal/terminal.js';
import { TrainProgress } from './progress.js';

/** Flags that both commands of training have besides those of `Trainer.create`. */
export interface TrainValues {
  readonly out: string;
  readonly resume?: true;
  readonly force?: true;
  readonly sampleEvery?: number;
  readonly prompt: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** Explained in the help of both commands. */
export const TRAIN_DETAILS = `
DATA are text files, in which <|endoftext|> separates documents, JSON lines with
"text" or with "prompt" and "completion" (.jsonl, .ndjson), of which only the
completion is learned, and folders with .txt, .md, .jsonl and .ndjson files;
.gz is unpacked.

DIR gets the model as Hugging Face keeps it and loss.svg once the run has ended;
until then its folder checkpoints has what the run needs to go on. Ctrl-C writes
a checkpoint and ends the run; the same command with --resume goes on, also
after a crash, and ends with the same bits as a run that was never stopped.`;

/** Words of the sample after which `--prompt` begins. */
const SAMPLE_TOKENS = 60;

export function addTrainOptions(command: Command, group: string): void {
  const options = [
    new Option('--out <dir>', 'folder for what is trained').makeOptionMandatory(),
    new Option('--resume', 'go on with a run that was stopped; begin it if there is none'),
    new Option('--force', 'replace a model or adapter that is there already'),
    new Option('--sample-every <count>', 'steps between two samples of text').argParser(parseNumber),
    new Option('--prompt <text>', 'how a sample begins').default(''),
    new Option('--json', 'print a line of JSON for each step, and one at the end'),
    new Option('--quiet', 'no progress and figures, only errors'),
  ];
  for (const option of options) command.addOption(option.helpGroup(group));
  addTrainFlags(command);
}

/** Trains as the flags say. `start` gives the model to begin with. */
export async function trainRun(
  paths: readonly string[],
  values: TrainValues,
  start: (signal: AbortSignal) => Promise<Partial<TrainerOptions>>,
): Promise<void> {
  const { out, resume = false, force = false, quiet } = values;
  const { files, skipped } = await findData(paths, quiet);
  const store = trainingStateFolder(join(out, 'checkpoints'));
  await checkOut(out, force || (resume && (await store.latest()) !== undefined));
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const reading = quiet ? undefined : reportProgress(process.stderr, 'reading');
  let trainer: Trainer | undefined;
  try {
    trainer = await Trainer.create({
      ...trainerOptions(values as unknown as Record<string, unknown>),
      ...(await start(signal)),
      ...{ signal, resume, checkpoints: store },
      data: readDocuments(files, { signal, onProgress: (state) => reading?.update(state) }),
    });
    reading?.end();
    if (!quiet) for (const text of trainer.notes) note(text);
    if (!quiet) note(dataText(files.length, trainer));
    await train(trainer, values);
    await finish(trainer, values, { files: files.length, skipped });
  } catch (error) {
    if (interrupt.exitCode === undefined) {
      if (trainer !== undefined) await noteKept(store);
      throw error;
    }
    if (trainer !== undefined && trainer.step > 0) {
      await trainer.checkpoint();
      note(`interrupted after step ${trainer.step} of ${trainer.steps}; --resume goes on from there`);
    } else note('interrupted before the first step; nothing was written');
    process.exitCode = interrupt.exitCode;
  } finally {
    reading?.end();
    trainer?.dispose();
  }
}

function dataText(files: number, { data: { training, validation } }: Trainer): string {
  const counts = ({ documents, tokens }: DataCounts) =>
    `${counted(documents, 'document')}, ${counted(tokens, 'token')}`;
  const held = validation.documents > 0 ? `; held out: ${counts(validation)}` : '';
  return `read ${counted(files, 'file')}; to learn from: ${counts(training)}${held}`;
}

async function train(trainer: Trainer, { json, quiet, sampleEvery, prompt }: TrainValues): Promise<void> {
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
    const { choices } = await model.generate(prompt, { maxTokens: SAMPLE_TOKENS, temperature: 0.8, seed });
    return choices[0]!.text;
  } finally {
    model.dispose();
  }
}

/** Says that the newest checkpoint is still there after a run has failed. */
async function noteKept(store: TrainingStateStore): Promise<void> {
  const kept = await store.latest();
  if (kept !== undefined) note(`${kept.name} is kept; --resume goes on from it`);
}

/** Puts the model in its place; only then the checkpoints are gone. */
async function finish(
  trainer: Trainer,
  { out, json, quiet }: TrainValues,
  read: { readonly files: number; readonly skipped: readonly string[] },
): Promise<void> {
  const { curve } = trainer;
  const target = folderTarget(out);
  await target.write('loss.svg', [new TextEncoder().encode(lossCurveSvg(curve, `Loss of ${out}`))]);
  await trainer.save(target);
  await trainer.forget();
  const validationLoss = curve.validation.at(-1)?.loss;
  const best = Math.min(...curve.validation.map(({ loss }) => loss));
  if (json) {
    const loss = curve.training.at(-1)?.loss;
    await writeJson({ out, steps: trainer.step, loss, validationLoss, ...read, data: trainer.data });
  }
  if (quiet) return;
  const { stderr } = process;
  note(lossCurveText(curve, { columns: columnsOf(stderr), colors: usesColors(stderr) }));
  const held =
    validationLoss === undefined ? '' : `, best held-out perplexity ${threeDigits(Math.exp(best))}`;
  note(`${out}: trained for ${counted(trainer.step, 'step')} in ${humanTime(process.uptime())}${held}`);
}

/** Refuses to write over a model, and to train for hours for a place that cannot be written. */
async function checkOut(out: string, replace: boolean): Promise<void> {
  for (const [file, what] of [
    ['config.json', 'a model'],
    ['adapter_config.json', 'an adapter'],
  ] as const) {
    const isTaken = await stat(join(out, file)).then(
      () => true,
      () => false,
    );
    if (isTaken && !replace) {
      throw new Gpt2Error('invalid-option', `${out} has ${what} already; --force replaces it`);
    }
  }
  const target = folderTarget(out);
  try {
    await target.write('loss.svg', []);
  } finally {
    await target.discard();
  }
}
