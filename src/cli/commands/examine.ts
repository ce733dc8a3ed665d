import type { Command } from 'commander';
import { htmlReport, type NamedExamination } from '../../examine/report/html_report.js';
import { byPosition } from '../../examine/robustness/by_position.js';
import { examine } from '../../examine/text/examine.js';
import { TOP } from '../../examine/text/examine_here.js';
import { eachText } from '../../generate/each_text.js';
import type { Model } from '../../model/model.js';
import { csvOutput, type ExamineOutput, jsonOutput, plainOutput } from '../examining/output.js';
import { DATA, DATA_FORMATS } from '../inputs/find_data.js';
import { loadForCommand } from '../inputs/load_model.js';
import { FORMAT_FLAG, type PlacedText, placedTexts, type TextsValues } from '../inputs/placed_texts.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { addModelFlags, type ModelValues } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { addNoStart, STRIDE_FLAG, startOption } from '../options/score_flags.js';
import { checkNewFile, writeNewFile } from '../outputs/new_file.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note } from '../terminal/output.js';
import { ScoreProgress } from '../terminal/progress/score_progress.js';

const BASICS = 'Model:';
const TEXTS = 'Texts:';
const OUTPUT = 'Output:';

const DETAILS = `${DATA_FORMATS} The path -
means text on stdin. With "--format lines", each line is a text.

A terminal gets each text in the colours of GLTR: green for tokens among the 10
likeliest of the model, yellow for the next up to 100, red up to 1000, purple
for all others. Without colours (NO_COLOR, or no terminal) each token gets a
line: rank, probability, surprisal and entropy in bits, and its text.

A likely text may be written by a person, and an unlikely one by a machine.

Examples:
  gpt2-wasm examine story.txt
  gpt2-wasm examine --html report.html essay.txt
  gpt2-wasm examine --csv --words essay.txt > words.csv
  gpt2-wasm examine --by-position books/
  gpt2-wasm examine --text "Once upon a time"`;

const TEXT_FLAGS: Readonly<Record<string, Flag>> = {
  text: { value: 'text', parse: asText, help: 'a text to examine', standard: 'the files' },
  format: FORMAT_FLAG,
};
const OUTPUT_FLAGS: Readonly<Record<string, Flag>> = {
  json: jsonFlag('one JSON object for each text'),
  csv: { help: 'print CSV, with a row for each token' },
  words: { help: 'with --csv: a row for each word' },
  html: { value: 'file', parse: asText, help: 'write a page that shows the texts', standard: 'no page' },
  force: { help: 'overwrite the page if it exists' },
  top: { value: 'count', help: 'likeliest tokens listed at each place', range: '0 to 1000', standard: TOP },
  byPosition: { help: 'also show perplexity by the number of tokens before' },
  quiet: QUIET,
};

interface Values extends ModelValues, TextsValues {
  readonly text?: string;
  readonly start: boolean;
  readonly stride?: number;
  readonly top?: number;
  readonly json?: true;
  readonly csv?: true;
  readonly words?: true;
  readonly html?: string;
  readonly force?: true;
  readonly byPosition?: true;
}

export function addExamine(program: Command): void {
  const command = program
    .command('examine')
    .summary('show how likely each token and word of texts is')
    .description('Show how likely each token and word of texts is according to a GPT-2 model.')
    .argument('[file...]', `${DATA}, or - for stdin`);
  addModelFlags(command, BASICS);
  addFlags(command, TEXT_FLAGS, TEXTS);
  addNoStart(command, TEXTS);
  addFlags(command, { stride: STRIDE_FLAG }, TEXTS);
  addFlags(command, OUTPUT_FLAGS, OUTPUT);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((paths: readonly string[], values: Values) => examineFiles(command, paths, values));
}

function checkValues(command: Command, paths: readonly string[], values: Values): void {
  const { text, json, csv, words, html, force } = values;
  const problems = [
    text === undefined && paths.length === 0 && 'no text; name files, - for stdin, or give --text',
    text !== undefined && paths.length > 0 && 'give either files or --text',
    text === '' && '--text is empty',
    json && csv && 'give either --json or --csv',
    words && !csv && '--words needs --csv, whose rows it changes',
    csv && values.byPosition && '--by-position cannot be part of --csv; use --json',
    force && html === undefined && '--force needs --html, whose page it overwrites',
  ];
  const problem = problems.find((found) => found);
  if (problem) command.error(`error: ${problem}`);
}

async function examineFiles(command: Command, paths: readonly string[], values: Values): Promise<void> {
  checkValues(command, paths, values);
  const { text, html, force = false } = values;
  if (html !== undefined) await checkNewFile(html, force);
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const texts =
    text === undefined ? await placedTexts(paths, values, signal) : [{ file: 'text', line: 1, text }];
  let loaded: Model | undefined;
  try {
    loaded = await loadForCommand(values, signal);
    await examineTexts(loaded, texts, values, signal);
  } catch (error) {
    interrupt.report(error, 'interrupted; the printed texts are complete');
  } finally {
    loaded?.dispose();
  }
}

async function examineTexts(
  model: Model,
  texts: Iterable<PlacedText> | AsyncIterable<PlacedText>,
  values: Values,
  signal: AbortSignal,
): Promise<void> {
  const { start, stride, top = TOP, html, force = false, model: name } = values;
  const progress = values.quiet ? undefined : new ScoreProgress(process.stderr);
  const output = outputOf(values, top);
  const kept: NamedExamination[] = [];
  const read: string[] = [];
  let [count, tokens] = [0, 0];
  const measure = async (text: PlacedText) => {
    let met = 0;
    const onProgress = ({ done }: { readonly done: number }) => {
      tokens += done - met;
      met = done;
      progress?.update(count, tokens);
    };
    const options = { stride, top, signal, onProgress, ...startOption(start) };
    return { text, examination: await examine(model, text.text, options) };
  };
  try {
    for await (const { text, examination } of eachText(texts, ({ text }) => text, signal, measure)) {
      count++;
      progress?.clear();
      await output.text(text, examination);
      if (html !== undefined) kept.push({ name: `${text.file}:${text.line}`, examination });
      if (values.byPosition) read.push(text.text);
    }
    if (count === 0) return note('no text to examine');
    const positions = values.byPosition && (await byPosition(model, read, { signal, ...startOption(start) }));
    progress?.clear();
    if (positions) await output.positions?.(positions);
    if (html === undefined) return;
    const page = htmlReport(kept, { model: name, ...(positions && { byPosition: positions }) });
    await writeNewFile(html, page, force);
  } finally {
    progress?.clear();
  }
}

function outputOf(
  { json, csv, words, html }: Values,
  top: number,
): Pick<ExamineOutput, 'text'> & Partial<ExamineOutput> {
  if (json) return jsonOutput;
  return csv ? csvOutput(words ? 'words' : 'tokens', top) : plainOutput(html !== undefined);
}
