import type { Command } from 'commander';
import { withModel } from '../../checkpoints/registry.js';
import type { WatermarkQuestion } from '../../examine/watermarks/read_watermark.js';
import { readWatermark } from '../../examine/watermarks/read_watermark.js';
import type { Watermark } from '../../generate/watermark/watermark.js';
import { inspectModel } from '../../model/inspect_model.js';
import { loadTokenizer } from '../../model/load_model.js';
import { detectionJson, detectionRow } from '../examining/detection_rows.js';
import { DATA, DATA_FORMATS } from '../inputs/find_data.js';
import { modelSource } from '../inputs/model_source.js';
import { FORMAT_FLAG, placedTexts, type TextsValues } from '../inputs/placed_texts.js';
import { addFlags, type Flag } from '../options/flag.js';
import { SOURCE_FLAGS } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { addWatermarkFlags, watermarkOption } from '../options/watermark_flags.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';

const BASICS = 'Model, texts and output:';

const DETAILS = `${DATA_FORMATS} The path -
means text on stdin. With "--format lines", each line is a text.

Each text gets a line with p, z, the number of tokens that count, and the share
of green ones, or the mean of synthid. A small p says that a text without the
watermark has so many green tokens that seldom; it says nothing about other
watermarks, or about texts without one. The tokenizer must be that of the model
that wrote the text; its weights are not read.

Examples:
  gpt2-wasm generate --watermark unigram --watermark-key 7 --no-echo "One day" > a.txt
  gpt2-wasm watermark --watermark unigram --watermark-key 7 a.txt
  gpt2-wasm watermark --watermark settings.json --json --format lines texts.txt`;

const FLAGS: Readonly<Record<string, Flag>> = {
  ...SOURCE_FLAGS,
  format: FORMAT_FLAG,
  ignoreRepeatedNgrams: {
    help: 'count each token once after the same tokens, so that p is right; unigram and synthid always do',
  },
  byLength: { help: 'with --json: print z of the text up to each token' },
  json: jsonFlag('one JSON object for each text'),
  quiet: QUIET,
};

interface Values extends TextsValues {
  readonly model?: string;
  readonly revision?: string;
  readonly ignoreRepeatedNgrams?: true;
  readonly byLength?: true;
  readonly json?: true;
}

export function addWatermark(program: Command): void {
  const command = program
    .command('watermark')
    .summary('look for a watermark in texts')
    .description('Look for a watermark that "generate --watermark" has written into texts.')
    .argument('<file...>', `${DATA}, or - for stdin`);
  addFlags(command, FLAGS, BASICS);
  addWatermarkFlags(command);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((paths: readonly string[], values: Values) => detect(command, paths, values));
}

async function detect(command: Command, paths: readonly string[], values: Values): Promise<void> {
  const { json, byLength, ignoreRepeatedNgrams } = values;
  if (byLength && !json) command.error('error: --by-length needs --json, which prints it');
  const watermark = await watermarkOption(command);
  if (watermark === undefined) command.error('error: no watermark to look for; give --watermark');
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const options = { ...(byLength && { byLength }), ...(ignoreRepeatedNgrams && { ignoreRepeatedNgrams }) };
  try {
    const read = await reader(values, signal);
    let count = 0;
    for await (const text of await placedTexts(paths, values, signal)) {
      const found = await read({ text: text.text, watermark: watermark as Watermark, options });
      if (json) await writeJson(detectionJson(text, found));
      else await new TextOutput().write(detectionRow(text, found));
      count++;
    }
    if (count === 0) note('no text to read');
  } catch (error) {
    interrupt.report(error, 'interrupted; the printed results are complete');
  }
}

/** A function that reads texts with the tokenizer of a model, and with the vocabulary of its config. */
function reader({ model, revision }: Values, signal: AbortSignal) {
  return withModel(modelSource(model).source, { revision, signal }, async (files) => {
    const { config } = await inspectModel(files, { signal });
    const tokenizer = await loadTokenizer(files, { signal });
    return (question: WatermarkQuestion) => readWatermark(() => tokenizer, config, question, { signal });
  });
}
