import { type Command, InvalidArgumentError } from 'commander';
import { hexBytes } from '../../base/hex_bytes.js';
import { utf8Text } from '../../base/utf8_text.js';
import { loadTokenizer } from '../../model/load_model.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { modelSource } from '../inputs/model_source.js';
import { OR_STDIN, readText } from '../inputs/read_text.js';
import { addFlags, type Flag } from '../options/flag.js';
import { GENERATE_FLAGS } from '../options/generate_flags.js';
import { SOURCE_FLAGS } from '../options/model_flags.js';
import { jsonFlag } from '../options/output_flags.js';
import { parseIds } from '../options/parse.js';
import { helpOption } from '../terminal/help_format.js';
import { TextOutput, writeJson } from '../terminal/output.js';

const DETAILS = `
Token ids are printed on one line. Text on stdin is tokenized with all of its
line breaks.

Examples:
  gpt2-wasm tokenize "Once upon a time"
  gpt2-wasm tokenize --model ./gpt2 --table < story.txt
  gpt2-wasm tokenize --decode "579 530 258 442"
  gpt2-wasm tokenize "Once upon a time" | gpt2-wasm tokenize --decode`;

const FLAGS: Readonly<Record<string, Flag>> = {
  ...SOURCE_FLAGS,
  decode: { help: 'turn token ids into text' },
  table: { help: 'print a line for each token: its id and its text' },
  json: jsonFlag('one JSON object with ids and texts'),
  addSpecialTokens: { help: 'put the tokens around the text that its tokenizer asks for' },
  skipSpecialTokens: { help: 'with --decode: leave special tokens out of the text' },
  allowedSpecial: { ...GENERATE_FLAGS.allowedSpecial, group: 'Options:' },
};

interface Values {
  readonly model?: string;
  readonly revision?: string;
  readonly decode?: true;
  readonly table?: true;
  readonly json?: true;
  readonly addSpecialTokens?: true;
  readonly skipSpecialTokens?: true;
  readonly allowedSpecial?: 'none' | 'all' | string[];
}

export function addTokenize(program: Command): void {
  const command = program
    .command('tokenize')
    .summary('show the tokens of a text')
    .description("Turn a text into a model's token ids, or token ids into text.")
    .argument('[text]', `text in quotes, or token ids; ${OR_STDIN}`)
    .allowExcessArguments();
  addFlags(command, FLAGS);
  command
    .addHelpOption(helpOption())
    .addHelpText('after', DETAILS)
    .action(() => tokenize(command));
}

async function tokenize(command: Command): Promise<void> {
  const { model, revision, decode, table, json, ...flags } = command.opts<Values>();
  const { allowedSpecial = 'none', addSpecialTokens = false, skipSpecialTokens = false } = flags;
  const input = decode ? await readIds(command) : (await readText(command, 'text')).text;
  const { source, name } = modelSource(model);
  const tokenizer = await loadTokenizer(source, { revision });
  const isText = typeof input === 'string';
  const tokens = isText ? tokenizer.encode(input, { allowedSpecial, addSpecialTokens }) : input;
  const text = isText ? input : tokenizer.decode(input, { skipSpecialTokens });

  if (json) {
    await writeJson({ model: name, text, tokens, texts: tokens.map((id) => tokenizer.decode([id])) });
    return;
  }
  const output = new TextOutput();
  if (table) await output.write(tokens.map((id) => `${row(tokenizer, id)}\n`).join(''));
  else await output.write(decode ? text : tokens.join(' '));
  await output.endLine();
}

/** Reads ids from one argument, several arguments, or stdin. */
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

/** A line with the id and the text in quotes, or the bytes if they are not valid UTF-8. */
function row(tokenizer: Tokenizer, id: number): string {
  const bytes = tokenizer.tokenBytes(id);
  const text = utf8Text(bytes);
  const shown = text === undefined ? `bytes ${hexBytes(bytes, ' ')}` : JSON.stringify(text);
  return `${String(id).padStart(6)}  ${shown}`;
}
