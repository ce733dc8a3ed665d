import type { Command } from 'commander';
import type { MeasureName, ScoreDirection } from '../../examine/detectors/measures.js';
import { MEASURES } from '../../examine/detectors/measures.js';
import { reportText } from '../detecting/rows.js';
import { DATA_FORMATS } from '../inputs/find_data.js';
import { FORMAT_FLAG, placedTexts, type TextsValues } from '../inputs/placed_texts.js';
import { type ModelsValues, withModels } from '../inputs/with_models.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { addModelFlags, OBSERVER_FLAG } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { addNoStart, STRIDE_FLAG, startOption } from '../options/score_flags.js';
import { checkNewFile, writeNewFile } from '../outputs/new_file.js';
import { helpOption } from '../terminal/help_format.js';
import { TextOutput, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

const BASICS = 'Model and output:';
const TEXTS = 'Texts and measure:';

const DETAILS = `${DATA_FORMATS}

Half of the human texts give thresholds and p-values; the other half and the
machine texts show how good they are. 38 human texts are needed for 5 % of false
alarms, 198 for 1 %, and more to know such shares well. All texts must be like
those that will be judged: same kind, language, length, time and authors.

The file holds scores and hashes of the models, but no text.

Examples:
  gpt2-wasm calibrate --human essays/ --machine generated/ --out essays.json
  gpt2-wasm detect --calibration essays.json new-essay.txt`;

/** Parser that gathers all values of a flag. */
const gathered = (text: string, previous: readonly string[] = []) => [...previous, text];

const STANDARD: MeasureName = 'curvature';

const TEXT_FLAGS: Readonly<Record<string, Flag>> = {
  human: {
    value: 'path...',
    parse: gathered,
    help: 'files and folders of texts by people',
    isRequired: true,
  },
  machine: {
    value: 'path...',
    parse: gathered,
    help: 'files and folders of texts by language models, to see how many are detected',
    standard: 'none',
  },
  measure: {
    value: 'name',
    choices: Object.keys(MEASURES),
    help: `${Object.keys(MEASURES).join(', ')}`,
    standard: STANDARD,
  },
  machineIs: {
    value: 'direction',
    choices: ['higher', 'lower'],
    help: 'whether higher or lower values speak for a machine',
    standard: 'as published for the measure',
  },
  seed: {
    value: 'integer',
    help: 'seed of the split of the human texts',
    range: '0 to 2^53 - 1',
    standard: 0,
  },
};
const OUT_FLAGS: Readonly<Record<string, Flag>> = {
  out: { value: 'file', parse: asText, help: 'write the calibration as JSON', isRequired: true },
  force: { help: 'overwrite that file' },
  json: jsonFlag('what the calibration is worth as one JSON object'),
  quiet: QUIET,
};

interface Values extends ModelsValues, TextsValues {
  readonly human: readonly string[];
  readonly machine?: readonly string[];
  readonly measure?: MeasureName;
  readonly machineIs?: ScoreDirection;
  readonly seed?: number;
  readonly start: boolean;
  readonly stride?: number;
  readonly out: string;
  readonly force?: true;
  readonly json?: true;
}

export function addCalibrate(program: Command): void {
  const command = program
    .command('calibrate')
    .summary('make p-values for detect from your own texts')
    .description('Make thresholds and p-values for "gpt2-wasm detect" from texts of your own.');
  addModelFlags(command, BASICS);
  addFlags(command, { observer: OBSERVER_FLAG, ...OUT_FLAGS }, BASICS);
  addFlags(command, { ...TEXT_FLAGS, format: FORMAT_FLAG, stride: STRIDE_FLAG }, TEXTS);
  addNoStart(command, TEXTS);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((values: Values) => calibrateFiles(command, values));
}

async function calibrateFiles(command: Command, values: Values): Promise<void> {
  if (command.args.length > 0)
    command.error(`error: give texts after --human or --machine: ${command.args.join(' ')}`);
  const { out, force = false, measure = STANDARD, machineIs, seed, stride, start } = values;
  await checkNewFile(out, force);
  await withModels(values, 'interrupted; no calibration was written', async (models, signal) => {
    const { calibrate } = await import('../../examine/detectors/calibrate.js');
    const human = await textsAt(values.human, values, signal);
    const machine = await textsAt(values.machine ?? [], values, signal);
    const detector = { ...models, measure, stride, ...startOption(start) };
    const progress = reportProgress(process.stderr, 'measuring', values);
    try {
      const calibration = await calibrate(detector, human, machine, {
        ...{ machineIs, seed, signal },
        onProgress: ({ done, total }) => progress.update({ loaded: done, total, file: 'texts' }),
      });
      await writeNewFile(out, `${JSON.stringify(calibration)}\n`, force);
      progress.end();
      const report = calibration.report();
      if (values.json) await writeJson(report);
      else await new TextOutput().write(reportText(calibration, report));
    } finally {
      progress.end();
    }
  });
}

async function textsAt(paths: readonly string[], values: Values, signal: AbortSignal): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of await placedTexts(paths, values, signal)) texts.push(text);
  return texts;
}
