import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type ModelConfig, parseConfig } from '../../architecture/gpt2/config.js';
import { parseJson } from '../../files/json.js';
import { fileError } from '../../host/file_error.js';
import { loadTokenizer } from '../../model/load_model.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { DATA } from '../inputs/find_data.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { helpOption } from '../terminal/help_format.js';
import { addTrainFlags, TRAIN_DETAILS, type TrainValues } from '../training/flags.js';
import { trainRun } from '../training/run.js';

const BASICS = 'Model and output:';

const DETAILS = `${TRAIN_DETAILS}

FILE is a config.json in the format of Hugging Face, such as
  { "model_type": "gpt2", "n_positions": 256,
    "n_embd": 256, "n_layer": 6, "n_head": 8 }
The size of the vocabulary and the special tokens are taken from the tokenizer
if the file leaves them out.

Examples:
  gpt2-wasm train-tokenizer stories.txt --vocab-size 4096 --out tokenizer
  gpt2-wasm pretrain stories.txt --config config.json --tokenizer tokenizer \\
    --out my-model
  gpt2-wasm pretrain stories.txt --config small.json --tokenizer ./large \\
    --teacher ./large --teacher-texts 1000 --out small`;

const FLAGS: Readonly<Record<string, Flag>> = {
  config: { value: 'file', parse: asText, help: 'config.json of the new model', isRequired: true },
  tokenizer: {
    value: 'dir',
    parse: asText,
    help: 'folder or model from which the tokenizer is taken',
    isRequired: true,
  },
};

interface Values extends TrainValues {
  readonly config: string;
  readonly tokenizer: string;
}

export function addPretrain(program: Command): void {
  const command = program
    .command('pretrain')
    .summary('train a small model from scratch')
    .description('Train a GPT-2 model from scratch.')
    .argument('<data...>', DATA);
  addFlags(command, FLAGS, BASICS);
  addTrainFlags(command, BASICS);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((paths: readonly string[], values: Values) =>
      trainRun(paths, values, async (signal) => {
        const tokenizer = await loadTokenizer(values.tokenizer, { signal });
        return { tokenizer, config: await readConfig(values.config, tokenizer) };
      }),
    );
}

/** Reads a config.json. The tokenizer gives the vocabulary and special tokens that it leaves out. */
async function readConfig(path: string, tokenizer: Tokenizer): Promise<ModelConfig> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileError(error, path, 'read');
  }
  const fields = parseJson(bytes, path);
  const { vocabSize, bosTokenId, eosTokenId } = tokenizer;
  const defaults = {
    vocab_size: vocabSize,
    bos_token_id: bosTokenId ?? null,
    eos_token_id: eosTokenId ?? null,
  };
  return parseConfig(typeof fields === 'object' ? { ...defaults, ...fields } : fields, path);
}
