import type { Command } from 'commander';
import type { Calibration, Verdict } from '../../examine/detectors/calibration.js';
import type { Detectors } from '../../examine/detectors/detectors.js';
import { eachText } from '../../generate/each_text.js';
import { measureHeader, measureRow, VERDICT_HEADER, verdictRow } from '../detecting/rows.js';
import { DATA, DATA_FORMATS } from '../inputs/find_data.js';
import { FORMAT_FLAG, type PlacedText, placedTexts, type TextsValues } from '../inputs/placed_texts.js';
import { readBytes } from '../inputs/read_bytes.js';
import { type Models, type ModelsValues, withModels } from '../inputs/with_models.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { addModelFlags, OBSERVER_FLAG } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { addNoStart, STRIDE_FLAG, startOption } from '../options/score_flags.js';
import { shownPlace } from '../scoring/rows.js';
import { helpOption } from '../terminal/help_format.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';
import { ScoreProgress } from '../terminal/progress/score_progress.js';

const BASICS = 'Model and output:';
const TEXTS = 'Texts:';
const VERDICTS = 'Verdicts:';

const DETAILS = `${DATA_FORMATS} The path -
means text on stdin. With "--format lines", each line is a text.

Each text gets a line with measures that detectors of machine text use. They
are no verdict. With --calibration, which "gpt2-wasm calibrate" makes from texts
of your own, each text gets a p-value: the share of human texts that look at
least as much like a machine's.

What this cannot do: short texts vary too much; texts of another kind or
language than those of the calibration, and those of people who write in a
second language, raise false alarms; generated texts that were edited or
paraphrased raise none. Accuse nobody because of these numbers.

Examples:
  gpt2-wasm detect essay.txt
  gpt2-wasm detect --calibration essays.json --format lines answers.txt
  gpt2-wasm detect --model ./gpt2 --observer ./distilgpt2 --json essay.txt`;

const VERDICT_FLAGS: Readonly<Record<string, Flag>> = {
  calibration: {
    value: 'file',
    parse: asText,
    help: 'calibration that gives p-values',
    standard: 'measures without verdicts',
  },
  falseAlarms: {
    value: 'share',
    help: 'share of human texts that may raise an alarm',
    range: 'above 0 and below 1',
    standard: 0.05,
  },
};

interface Values extends ModelsValues, TextsValues {
  readonly calibration?: string;
  readonly falseAlarms?: number;
  readonly start: boolean;
  readonly stride?: number;
  readonly json?: true;
}

export function addDetect(program: Command): void {
  const command = program
    .command('detect')
    .summary('measure how much texts look like machine text')
    .description(
      'Measure how much texts look like those of a language model, and judge them by a calibration.',
    )
    .argument('<file...>', `${DATA}, or - for stdin`);
  addModelFlags(command, BASICS);
  addFlags(
    command,
    { observer: OBSERVER_FLAG, json: jsonFlag('one JSON object for each text'), quiet: QUIET },
    BASICS,
  );
  addFlags(command, { format: FORMAT_FLAG }, TEXTS);
  addNoStart(command, TEXTS);
  addFlags(command, { stride: STRIDE_FLAG }, TEXTS);
  addFlags(command, VERDICT_FLAGS, VERDICTS);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((paths: readonly string[], values: Values) => detect(command, paths, values));
}

async function detect(command: Command, paths: readonly string[], values: Values): Promise<void> {
  const { calibration: path, falseAlarms, start, stride } = values;
  if (path === undefined && falseAlarms !== undefined) {
    command.error('error: --false-alarms needs --calibration, which gives p-values');
  }
  if (path !== undefined && (!start || stride !== undefined)) {
    command.error('error: --no-start and --stride come from the calibration; leave them out');
  }
  await withModels(values, 'interrupted; the printed texts are complete', async (models, signal) => {
    const { readCalibration } = await import('../../examine/detectors/read_calibration.js');
    const calibration = path && (await readCalibration(await readBytes(path, signal), models));
    const measure = calibration
      ? verdicts(calibration, { falseAlarms, signal })
      : await measures(models, { stride, signal, ...startOption(start) });
    const texts = await placedTexts(paths, values, signal);
    await printEach(texts, measure, values, signal);
  });
}

/** What is found about a text. */
interface Finding {
  readonly row: string;
  readonly json: object;
  readonly tokens?: number;
}

interface Finder {
  readonly header: string;
  find(text: PlacedText): Promise<Finding>;
}

type Options = { readonly signal: AbortSignal; readonly falseAlarms?: number | undefined };

function verdicts(calibration: Calibration, options: Options): Finder {
  const measure = calibration.toJSON().detector?.measure;
  return {
    header: VERDICT_HEADER,
    find: async (text) => {
      const verdict: Verdict = await calibration.verdict(text.text, options);
      return { row: verdictRow(verdict, shownPlace(text)), json: { measure, ...verdict } };
    },
  };
}

async function measures(
  { model, observer }: Models,
  options: { readonly signal: AbortSignal; readonly stride: number | undefined; readonly start?: false },
): Promise<Finder> {
  const { detectors } = await import('../../examine/detectors/detectors.js');
  const hasObserver = observer !== undefined;
  return {
    header: measureHeader(hasObserver),
    find: async (text) => {
      const found: Detectors = await detectors(model, text.text, { ...options, observer });
      return { row: measureRow(found, hasObserver, shownPlace(text)), json: found, tokens: found.tokens };
    },
  };
}

async function printEach(
  texts: AsyncIterable<PlacedText>,
  { header, find }: Finder,
  { json, quiet }: Values,
  signal: AbortSignal,
): Promise<void> {
  const isSilent = quiet || process.stdout.isTTY;
  const progress = isSilent ? undefined : new ScoreProgress(process.stderr);
  let count = 0;
  let tokens: number | undefined;
  try {
    const findIn = async (text: PlacedText) => ({ text, found: await find(text) });
    for await (const { text, found } of eachText(texts, ({ text }) => text, signal, findIn)) {
      if (count++ === 0 && !json) await new TextOutput().write(header);
      if (found.tokens !== undefined) tokens = (tokens ?? 0) + found.tokens;
      progress?.update(count, tokens);
      const { file, line } = text;
      if (json) await writeJson({ file, line, text: text.text, ...found.json });
      else await new TextOutput().write(found.row);
    }
  } finally {
    progress?.clear();
  }
  if (count === 0) note('no text to measure');
}
