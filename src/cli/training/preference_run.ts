import { counted } from '../../base/counted.js';
import { threeDigits } from '../../base/human_bytes.js';
import { humanTime } from '../../base/human_time.js';
import type { JsonObject } from '../../files/json_object.js';
import type { PreferenceLoop } from '../../train/preferences/preference_loop.js';
import type { PreferenceMeasures } from '../../train/preferences/preference_measures.js';
import type { PreferenceTrainerOptions } from '../../train/preferences/preference_options.js';
import { PreferenceTrainer } from '../../train/preferences/preference_trainer.js';
import type { RewardTrainerOptions } from '../../train/rewards/reward_options.js';
import { RewardTrainer } from '../../train/rewards/reward_trainer.js';
import type { RunOptions } from '../../train/run_options.js';
import { reportProgress } from '../terminal/progress/file_progress.js';
import { exampleRun, percent } from './example_run.js';
import type { TrainValues } from './flags.js';
import { type PreferenceLine, preferenceLines } from './preference_lines.js';

/** Options of the loss that flags give. */
type LossOptions = Pick<
  PreferenceTrainerOptions,
  'loss' | 'beta' | 'gamma' | 'desirableWeight' | 'undesirableWeight'
>;

/** The model to train, and how. */
export type PreferenceStart = Pick<PreferenceTrainerOptions, 'model' | 'revision' | 'lora' | 'adapters'> &
  LossOptions;

/** Trains on preferences as the flags say; `more` gives some beside those of the files. */
export async function preferenceRun(
  paths: readonly string[],
  values: TrainValues,
  start: PreferenceStart,
  more: (signal: AbortSignal) => Promise<PreferenceLine[]> = async () => [],
): Promise<void> {
  const reading = reportProgress(process.stderr, 'scoring', { quiet: values.quiet });
  const isSingle = start.loss === 'kto';
  const read = async (signal: AbortSignal) => [
    ...(await preferenceLines(paths, isSingle, signal)),
    ...(await more(signal)),
  ];
  await run(read, values, isSingle, async (options, data) => {
    const onProgress = ({ done: loaded, total }: { done: number; total: number }) =>
      reading.update({ loaded, total, file: 'answers' });
    try {
      return await PreferenceTrainer.create({ ...options, ...start, data, onProgress });
    } finally {
      reading.end();
    }
  });
}

/** Trains a reward head as the flags say. `start` gives the model to train. */
export async function rewardRun(
  paths: readonly string[],
  values: TrainValues,
  start: Pick<RewardTrainerOptions, 'model' | 'revision' | 'lora'>,
): Promise<void> {
  const read = (signal: AbortSignal) => preferenceLines(paths, false, signal);
  await run(read, values, false, (options, data) =>
    RewardTrainer.create({ ...options, ...start, data: data as RewardTrainerOptions['data'] }),
  );
}

type Created = PreferenceLoop & { save: PreferenceTrainer['save']; readonly notes: readonly string[] };

async function run(
  read: (signal: AbortSignal) => Promise<PreferenceLine[]>,
  values: TrainValues,
  isSingle: boolean,
  create: (options: Partial<RunOptions>, data: PreferenceLine[]) => Promise<Created>,
): Promise<void> {
  let count = 0;
  let before: PreferenceMeasures | undefined;
  await exampleRun<Created>(values, {
    async create(options, signal) {
      const data = await read(signal);
      count = data.length;
      const trainer = await create(options, data);
      // A run that is resumed has learned before.
      if (trainer.step === 0) before = await trainer.measures();
      return trainer;
    },
    begun: ({ notes }) => [`read ${counted(count, isSingle ? 'preference' : 'pair')}`, ...notes],
    async ended(trainer) {
      const heldOut = await trainer.measures();
      const figures = {
        ...(before && { before: { ...before } }),
        heldOut: heldOut && { ...heldOut },
      } as JsonObject;
      const time = `trained for ${counted(trainer.steps, 'step')} in ${humanTime(process.uptime())}`;
      return { figures, line: `${time}${heldOut === undefined ? '' : heldLine(before, heldOut)}` };
    },
  });
}

function heldLine(before: PreferenceMeasures | undefined, after: PreferenceMeasures): string {
  const { examples, accuracy, margin } = after;
  const first = before?.accuracy === undefined ? '' : `${percent(before.accuracy)} before, `;
  const figures = [
    ...(accuracy === undefined ? [] : [`accuracy ${first}${percent(accuracy)} now`]),
    ...(margin === undefined ? [] : [`margin ${threeDigits(margin)}`]),
    `loss ${threeDigits(after.loss)}`,
  ];
  return `; of ${counted(examples, 'held-out preference')}: ${figures.join(', ')}`;
}
