import type { Command } from 'commander';
import { checkNumber, whole } from '../../base/check_number.js';
import { eachText } from '../../generate/each_text.js';
import type { Model } from '../../model/model.js';
import { HEAD_TASKS, type HeadTask, judge, taskOf } from '../classifying/tasks.js';
import { loadForCommand } from '../inputs/load_model.js';
import { FORMAT_FLAG, type PlacedText, placedTexts, type TextsValues } from '../inputs/placed_texts.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { addModelFlags, type ModelValues } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { shownPlace } from '../scoring/rows.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { TextOutput, writeJson } from '../terminal/output.js';

const BASICS = 'Model and output:';
const TEXTS = 'Texts and heads:';

const DETAILS = `
The model needs a head for another task than text, as transformers saves them:
  classify  GPT2ForSequenceClassification: labels with their probabilities
  tag       GPT2ForTokenClassification: spans with their labels and places
  answer    GPT2ForQuestionAnswering: the span of the text that answers --question
  reward    a reward model: a head with one label, or TRL's value head
Without --task, the head that the model has decides. Texts are arguments, the
lines of --file, or else the lines of stdin. Each result is a line, with tabs
between label, probability, place and text.

Examples:
  gpt2-wasm classify --model ./sentiment "What a lovely day."
  gpt2-wasm classify --model ./sentiment --file reviews.txt --json > classes.jsonl
  gpt2-wasm classify --model ./squad --question "Who sat?" "The cat sat."`;

const TEXT_FLAGS: Readonly<Record<string, Flag>> = {
  file: {
    value: 'path',
    parse: asText,
    help: 'read texts from a file: its lines, or JSON lines',
    standard: 'stdin',
  },
  format: FORMAT_FLAG,
  task: { value: 'name', choices: HEAD_TASKS, help: HEAD_TASKS.join(', '), standard: "the model's" },
  question: { value: 'text', parse: asText, help: 'what each text is to answer', standard: 'none' },
  top: {
    value: 'count',
    help: 'labels or answers that are printed of each text',
    standard: 1,
  },
};

interface Values extends ModelValues, TextsValues {
  readonly file?: string;
  readonly task?: HeadTask;
  readonly question?: string;
  readonly top?: number;
  readonly json?: true;
}

export function addClassify(program: Command): void {
  const command = program
    .command('classify')
    .summary('classify, tag or reward texts, or answer questions, with a model of such a head')
    .description('Give texts to the head of a GPT-2 model for classification, tagging, answers or rewards.')
    .argument('[text...]', 'texts; the lines of stdin if omitted');
  addFlags(command, TEXT_FLAGS, TEXTS);
  addModelFlags(command, BASICS);
  addFlags(command, { json: jsonFlag('one JSON object for each text'), quiet: QUIET }, BASICS);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((texts: readonly string[], values: Values) => classify(command, texts, values));
}

async function classify(command: Command, given: readonly string[], values: Values): Promise<void> {
  const { file, question, top = 1 } = values;
  if (given.length > 0 && file !== undefined) command.error('error: give texts or --file, not both');
  if (given.length === 0 && file === undefined && process.stdin.isTTY)
    command.error('error: no text; give some in quotes, with --file, or on stdin');
  checkNumber('top', top, whole(1, 100));
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  let loaded: Model | undefined;
  try {
    const texts = given.length > 0 ? givenTexts(given) : await linesOf(file ?? '-', values, signal);
    const model = await loadForCommand(values, signal);
    loaded = model;
    const task = values.task ?? taskOf(model);
    if ((task === 'answer') !== (question !== undefined)) {
      command.error(
        `error: --question ${question === undefined ? 'is missing: the model answers questions' : `is not used by the task ${task}`}`,
      );
    }
    const judged = async (text: PlacedText) => ({
      text,
      found: await judge(model, task, text.text, { top, question, signal }),
    });
    for await (const { text, found } of eachText(texts, ({ text }) => text, signal, judged)) {
      if (values.json) await writeJson({ ...placeOf(text), task, ...found.json });
      else await new TextOutput().write(found.rows.map((row) => `${row}\t${shownPlace(text)}\n`).join(''));
    }
  } catch (error) {
    interrupt.report(error, 'interrupted; the printed results are complete');
  } finally {
    loaded?.dispose();
  }
}

const placeOf = ({ file, line, text }: PlacedText) => ({ file, line, text });

/** The arguments as texts, each with its number as its line. */
const givenTexts = (texts: readonly string[]): PlacedText[] =>
  texts.map((text, i) => ({ file: 'argument', line: i + 1, text }));

/** Each line is a text, unless the file's name says that lines are JSON. */
function linesOf(path: string, values: TextsValues, signal: AbortSignal): Promise<AsyncIterable<PlacedText>> {
  const isJson = /\.(jsonl|ndjson)(\.gz)?$/i.test(path);
  return placedTexts([path], { ...values, format: values.format ?? (isJson ? 'jsonl' : 'lines') }, signal);
}
