import { type Command, Option } from 'commander';
import type { DataFormat } from '../../files/data_file.js';
import { stdinFile } from '../../files/folder/data_files.js';
import { eachText } from '../../generate/each_text.js';
import type { Model } from '../../model/model.js';
import { readDocuments } from '../../train/data/read_documents.js';
import { DATA, DATA_FORMATS, findData } from '../inputs/find_data.js';
import { loadForCommand } from '../inputs/load_model.js';
import { addFlags, type Flag } from '../options/flag.js';
import { addModelFlags, type ModelValues } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { scoreJson, scoreRow, totalRow } from '../scoring/rows.js';
import { ScoreTotal } from '../scoring/total.js';
import { type PlacedText, wholeTexts } from '../scoring/whole_texts.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';
import { ScoreProgress } from '../terminal/progress/score_progress.js';

const BASICS = 'Model and output:';
const SCORING = 'Texts and scores:';

const DETAILS = `${DATA_FORMATS} The path -
means text on stdin. With "--format lines", each line is a text.

Each text gets a line with its perplexity, bits per byte, log-probability and
number of tokens; the last line has those of all texts together. A lower
perplexity means a likelier text. To rank texts of different lengths, compare
perplexities or bits per byte, not log-probabilities.

A text that is longer than the model's context is scored in windows that
overlap: the first scores as many tokens as fit, each further one --stride.

Examples:
  gpt2-wasm score story.txt
  gpt2-wasm score --format lines names.txt | sort -n | head
  gpt2-wasm score --json --tokens answers.jsonl > scores.jsonl
  echo "Once upon a time" | gpt2-wasm score -`;

const SCORING_FLAGS: Readonly<Record<string, Flag>> = {
  stride: {
    value: 'count',
    help: 'tokens scored by each window after the first',
    range: '1 to context length',
    standard: 'half of the context',
  },
  tokens: { help: 'with --json: print log-probability, rank and entropy of each token' },
};
const FORMAT_FLAG: Flag = {
  value: 'name',
  choices: ['text', 'lines', 'jsonl'],
  help: 'how files hold texts: text, lines or jsonl',
  standard: 'by the name of each file',
};

interface Values extends ModelValues {
  readonly format?: DataFormat;
  readonly start: boolean;
  readonly stride?: number;
  readonly tokens?: true;
  readonly json?: true;
}

export function addScore(program: Command): void {
  const command = program
    .command('score')
    .summary('compute how likely texts are')
    .description('Compute how likely texts are according to a GPT-2 model.')
    .argument('<file...>', `${DATA}, or - for stdin`);
  addModelFlags(command, BASICS);
  const json = jsonFlag('one JSON object for each text, and one for all together');
  addFlags(command, { json, quiet: QUIET }, BASICS);
  addFlags(command, { format: FORMAT_FLAG }, SCORING);
  // commander gives the value `start`, which is true without the flag.
  command.addOption(
    new Option('--no-start', 'do not score the first token, which has no tokens before it').helpGroup(
      SCORING,
    ),
  );
  addFlags(command, SCORING_FLAGS, SCORING);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((paths: readonly string[], values: Values) => score(command, paths, values));
}

async function score(command: Command, paths: readonly string[], values: Values): Promise<void> {
  if (values.tokens && !values.json) command.error('error: --tokens needs --json, which prints them');
  const files = await filesAt(paths, values);
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  // On a terminal the results themselves show the progress.
  const isSilent = values.quiet || process.stdout.isTTY;
  const progress = isSilent ? undefined : new ScoreProgress(process.stderr);
  let loaded: Model | undefined;
  try {
    const model = await loadForCommand(values, signal);
    loaded = model;
    const { contextLength } = model.config;
    const { start, stride = Math.ceil(contextLength / 2) } = values;
    // Without --no-start the option is left out: a model without a start token must not fail because of it.
    const options = { stride, signal, ...(!start && { start }) };
    const total = new ScoreTotal();
    const texts = wholeTexts(readDocuments(files, { signal }));
    const scoreOf = async (text: PlacedText) => ({ text, found: await model.score(text.text, options) });
    for await (const { text, found } of eachText(texts, ({ text }) => text, signal, scoreOf)) {
      total.add(found, text.text);
      progress?.update(total.texts, total.tokens);
      if (values.json) await writeJson(scoreJson(text, found, values.tokens ? model : undefined));
      else await new TextOutput().write(scoreRow(text, found));
    }
    await writeTotal(total, values.json);
  } catch (error) {
    interrupt.report(error, 'interrupted; the printed scores are complete');
  } finally {
    progress?.clear();
    loaded?.dispose();
  }
}

/** Finds the files at paths, with stdin for `-`. `--format` applies to all of them. */
async function filesAt(paths: readonly string[], { format, quiet }: Values) {
  const { files } = await findData(
    paths.filter((path) => path !== '-'),
    quiet,
  );
  const all = paths.includes('-') ? [...files, stdinFile()] : files;
  return format === undefined ? all : all.map((file) => ({ ...file, format }));
}

async function writeTotal(total: ScoreTotal, json: boolean | undefined): Promise<void> {
  if (total.texts === 0) note('no text to score');
  else if (json) await writeJson({ total: total.toJson() });
  else await new TextOutput().write(totalRow(total));
}
