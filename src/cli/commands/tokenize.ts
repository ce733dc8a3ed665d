import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadTokenizer } from '../../model/load_model.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { readText } from '../inputs/read_text.js';
import { optionOf } from '../options/generate_flags.js';
import { modelFolder, modelOption, revisionOption } from '../options/model_flags.js';
import { parseIds } from '../options/parse.js';
import { helpOption } from '../terminal/help.js';
import { TextOutput, writeJson } from '../terminal/output.js';

const DETAILS = `
Token ids are printed in one line. Text on stdin is taken as it is, with every
line break.

Examples:
  gpt2-wasm tokenize "Once upon a time"
  gpt2-wasm tokenize --model ./gpt2 --table < story.txt
  gpt2-wasm tokenize --decode "579 530 258 442"
  gpt2-wasm tokenize "Once upon a time" | gpt2-wasm tokenize --decode`;

interface Values {
  readonly model?: string;
  readonly revision?: string;
  readonly decode?: true;
  readonly table?: true;
  readonly json?: true;
  readonly allowedSpecial?: 'none' | 'all' | string[];
}

export function addTokenize(program: Command): void {
  const command = program
    .command('tokenize')
    .summary('show the tokens of a text')
    .description("Turn a text into a model's token ids, or token ids into text.")
    .argument('[text]', 'the text, in quotes, or the ids; from stdin where it is left out or -')
    .allowExcessArguments()
    .addOption(modelOption())
    .addOption(revisionOption())
    .addOption(new Option('--decode', 'turn token ids into text'))
    .addOption(new Option('--table', 'print a line for each token: its id and its text'))
    .addOption(new Option('--json', 'print one JSON object with ids and texts'))
    .addOption(optionOf('allowedSpecial').helpGroup('Options:'))
    .addHelpOption(helpOption())
    .addHelpText('after', DETAILS);
  command.action(() => tokenize(command));
}

async function tokenize(command: Command): Promise<void> {
  const { model, revision, decode, table, json, allowedSpecial = 'none' } = command.opts<Values>();
  const input = decode ? await readIds(command) : (await readText(command, 'text')).text;
  const { source, name } = modelFolder(model);
  const tokenizer = await loadTokenizer(source, { revision });
  const tokens = typeof input === 'string' ? tokenizer.encode(input, { allowedSpecial }) : input;
  const text = typeof input === 'string' ? input : tokenizer.decode(input);

  if (json) {
    await writeJson({ model: name, text, tokens, texts: tokens.map((id) => tokenizer.decode([id])) });
    return;
  }
  const output = new TextOutput();
  if (table) await output.write(tokens.map((id) => `${row(tokenizer, id)}\n`).join(''));
  else await output.write(decode ? text : tokens.join(' '));
  await output.endLine();
}

/** Ids as one argument, as several, or on stdin. */
async function readIds(command: Command): Promise<number[]> {
  const text =
    command.args.length > 1 ? command.args.join(' ') : (await readText(command, 'list of ids')).text;
  try {
    return text.trim() === '' ? [] : parseIds(text);
  } catch (error) {
    if (error instanceof InvalidArgumentError)
      command.error(`error: --decode takes token ids: ${error.message}`);
    throw error;
  }
}

/** The id and the text in quotes; the bytes where they are no text alone. */
function row(tokenizer: Tokenizer, id: number): string {
  const bytes = tokenizer.tokenBytes(id);
  let shown: string;
  try {
    shown = JSON.stringify(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    shown = `bytes ${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
  }
  return `${String(id).padStart(6)}  ${shown}`;
}
