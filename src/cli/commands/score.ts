import { type Command, Option } from 'commander';
import { counted } from '../../base/counted.js';
import { threeDigits } from '../../base/human_bytes.js';
import type { DataFormat, DocumentPart } from '../../files/data_file.js';
import { stdinFile } from '../../files/folder/data_files.js';
import type { Model } from '../../model/model.js';
import type { Score } from '../../score/score.js';
import { readDocuments } from '../../train/data/read_documents.js';
import { findData } from '../inputs/find_data.js';
import { addModelOptions, loadForCommand, type ModelValues } from '../inputs/load_for_command.js';
import { parseNumber } from '../options/parse.js';
import { helpOption } from '../terminal/help.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';
import { ScoreProgress } from '../terminal/progress/score_progress.js';

const BASICS = 'Model and output:';
const SCORING = 'Texts and scores:';

/** Characters of a text that its line shows. */
const SHOWN = 40;

const DETAILS = `
FILE is a text, in which <|endoftext|> separates several, JSON lines with "text"
(.jsonl, .ndjson), a folder of them, or - for stdin; .gz is unpacked. With
"--format lines" each line is a text. Each text gets a line with its perplexity,
its bits per byte, its log-probability and its tokens; a last line has those of
all texts together. Lower perplexity is likelier; to rank texts of different
lengths, compare perplexities or bits per byte and not log-probabilities.

Texts longer than the model's context are scored in windows that overlap: the
first one scores as many tokens as fit, each further one the next --stride.

Examples:
  gpt2-wasm score story.txt
  gpt2-wasm score --format lines names.txt | sort -n | head
  gpt2-wasm score --json --tokens answers.jsonl > scores.jsonl
  echo "Once upon a time" | gpt2-wasm score -`;

interface Values extends ModelValues {
  readonly format?: DataFormat;
  readonly start: boolean;
  readonly stride?: number;
  readonly tokens?: true;
  readonly json?: true;
}

/** A text with the place that it came from. */
interface Text {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Sums over all texts. */
interface Total {
  texts: number;
  tokens: number;
  bytes: number;
  sum: number;
}

export function addScore(program: Command): void {
  const command = program
    .command('score')
    .summary('say how likely texts are')
    .description('Say how likely texts are to a GPT-2 model.')
    .argument('<file...>', 'files and folders of text, or - for stdin');
  addModelOptions(command, BASICS);
  const options = [
    new Option('--json', 'print a JSON object for each text, and one for all').helpGroup(BASICS),
    new Option('--quiet', 'no progress, only errors').helpGroup(BASICS),
    new Option('--format <name>', 'how files hold texts (default: as their names tell)').choices([
      'text',
      'lines',
      'jsonl',
    ]),
    new Option('--no-start', 'do not score the first token: without it, it follows the start of a text'),
    new Option(
      '--stride <count>',
      'tokens that each window after the first scores (default: half of the context)',
    ).argParser(parseNumber),
    new Option('--tokens', 'with --json: log-probability, rank and entropy of each token'),
  ];
  for (const option of options) {
    if (option.helpGroupHeading === undefined) option.helpGroup(SCORING);
    command.addOption(option);
  }
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((paths: readonly string[], values: Values) => score(command, paths, values));
}

async function score(command: Command, paths: readonly string[], values: Values): Promise<void> {
  if (values.tokens && !values.json) command.error('error: --tokens needs --json, which shows them');
  const files = await filesAt(paths, values);
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  // On a terminal the results themselves show how far the work is.
  const isSilent = values.quiet || process.stdout.isTTY;
  const progress = isSilent ? undefined : new ScoreProgress(process.stderr);
  let loaded: Model | undefined;
  try {
    const model = await loadForCommand(values, signal);
    loaded = model;
    const { contextLength } = model.config;
    const { start, stride = Math.ceil(contextLength / 2) } = values;
    // A model without a token that begins a text scores without one, unless it is asked for.
    const options = { stride, signal, ...(!start && { start }) };
    const total: Total = { texts: 0, tokens: 0, bytes: 0, sum: 0 };
    for await (const text of wholeTexts(readDocuments(files, { signal }))) {
      const found = await model.score(text.text, options);
      addTo(total, found, text.text);
      progress?.update(total.texts, total.tokens);
      if (values.json) await writeJson(jsonOf(text, found, values.tokens ? model : undefined));
      else await new TextOutput().write(lineOf(found, text));
    }
    await writeTotal(total, values.json);
  } catch (error) {
    if (interrupt.exitCode === undefined) throw error;
    note('interrupted; the texts that are printed are scored');
    process.exitCode = interrupt.exitCode;
  } finally {
    progress?.clear();
    loaded?.dispose();
  }
}

/** Files and, for `-`, stdin; `--format` says how all of them hold their texts. */
async function filesAt(paths: readonly string[], { format, quiet }: Values) {
  const { files } = await findData(
    paths.filter((path) => path !== '-'),
    quiet,
  );
  const all = paths.includes('-') ? [...files, stdinFile()] : files;
  return format === undefined ? all : all.map((file) => ({ ...file, format }));
}

/** Joins the parts of long documents. */
async function* wholeTexts(parts: AsyncIterable<DocumentPart>): AsyncGenerator<Text> {
  let begun: Text | undefined;
  for await (const { file, line, prompt, text, last } of parts) {
    begun = {
      file: begun?.file ?? file,
      line: begun?.line ?? line,
      text: (begun?.text ?? '') + prompt + text,
    };
    if (!last) continue;
    yield begun;
    begun = undefined;
  }
}

function addTo(total: Total, { logprobs, sum, bitsPerByte }: Score, text: string): void {
  total.texts++;
  total.tokens += logprobs.length;
  total.sum += sum;
  if (bitsPerByte !== undefined) total.bytes += new TextEncoder().encode(text).length;
}

function figuresOf({ tokens, bytes, sum }: Total) {
  return {
    perplexity: Math.exp(-sum / tokens),
    ...(bytes > 0 && { bitsPerByte: -sum / Math.LN2 / bytes }),
  };
}

async function writeTotal(total: Total, json: boolean | undefined): Promise<void> {
  if (total.texts === 0) {
    note('there is no text to score');
    return;
  }
  const figures = figuresOf(total);
  if (json) {
    await writeJson({ total: { ...total, ...figures } });
    return;
  }
  const what = `${counted(total.texts, 'text')} together`;
  await new TextOutput().write(row(figures.perplexity, figures.bitsPerByte, total.sum, total.tokens, what));
}

function lineOf({ perplexity, bitsPerByte, sum, logprobs }: Score, { file, line, text }: Text): string {
  const words = text.trim().replace(/\s+/g, ' ');
  const shown = Array.from(words).slice(0, SHOWN).join('');
  const place = `${file}:${line}  ${shown}${shown.length < words.length ? ' …' : ''}`;
  return row(perplexity, bitsPerByte, sum, logprobs.length, place);
}

/** Perplexity, bits per byte, log-probability, tokens and a text, in columns that `sort -n` and `cut -f` take. */
function row(
  perplexity: number,
  bitsPerByte: number | undefined,
  sum: number,
  tokens: number,
  text: string,
): string {
  const bits = bitsPerByte === undefined ? '-' : bitsPerByte.toFixed(3);
  return `${[threeDigits(perplexity), bits, sum.toFixed(2), tokens, text].join('\t')}\n`;
}

function jsonOf({ file, line, text }: Text, score: Score, model: Model | undefined) {
  const { tokens, logprobs, ranks, entropy, sum, mean, perplexity, bitsPerByte } = score;
  const first = tokens.length - logprobs.length;
  return {
    ...{ file, line, text, sum, mean, perplexity, bitsPerByte, scoredTokens: logprobs.length },
    ...(model && {
      tokens: tokens.map((id, i) => ({
        ...{ id, text: model.tokenizer.decode([id]) },
        ...(i >= first && {
          logprob: logprobs[i - first],
          rank: ranks[i - first],
          entropy: entropy[i - first],
        }),
      })),
    }),
  };
}
