import type { Command } from 'commander';
import { eachText } from '../../generate/each_text.js';
import type { Model } from '../../model/model.js';
import { DATA, DATA_FORMATS } from '../inputs/find_data.js';
import { loadForCommand } from '../inputs/load_model.js';
import { FORMAT_FLAG, type PlacedText, placedTexts, type TextsValues } from '../inputs/placed_texts.js';
import { addFlags, type Flag } from '../options/flag.js';
import { addModelFlags, type ModelValues } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { addNoStart, STRIDE_FLAG, startOption } from '../options/score_flags.js';
import { scoreJson, scoreRow, totalRow } from '../scoring/rows.js';
import { ScoreTotal } from '../scoring/total.js';
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
  stride: STRIDE_FLAG,
  tokens: { help: 'with --json: print log-probability, rank and entropy of each token' },
};

interface Values extends ModelValues, TextsValues {
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
  addNoStart(command, SCORING);
  addFlags(command, SCORING_FLAGS, SCORING);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((paths: readonly string[], values: Values) => score(command, paths, values));
}

async function score(command: Command, paths: readonly string[], values: Values): Promise<void> {
  if (values.tokens && !values.json) command.error('error: --tokens needs --json, which prints them');
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const texts = await placedTexts(paths, values, signal);
  // On a terminal the results themselves show the progress.
  const isSilent = values.quiet || process.stdout.isTTY;
  const progress = isSilent ? undefined : new ScoreProgress(process.stderr);
  let loaded: Model | undefined;
  try {
    const model = await loadForCommand(values, signal);
    loaded = model;
    const { contextLength } = model.config;
    const { start, stride = Math.ceil(contextLength / 2) } = values;
    const options = { stride, signal, ...startOption(start) };
    const total = new ScoreTotal();
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

async function writeTotal(total: ScoreTotal, json: boolean | undefined): Promise<void> {
  if (total.texts === 0) note('no text to score');
  else if (json) await writeJson({ total: total.toJson() });
  else await new TextOutput().write(totalRow(total));
}
