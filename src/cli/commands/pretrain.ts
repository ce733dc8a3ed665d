import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { type ModelConfig, parseConfig } from '../../architecture/gpt2/config.js';
import { parseJson } from '../../files/json.js';
import { fileError } from '../../host/file_error.js';
import { loadTokenizer } from '../../model/load_model.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { helpOption } from '../terminal/help.js';
import { addTrainOptions, TRAIN_DETAILS, type TrainValues, trainRun } from '../training/run.js';

const BASICS = 'Model and output:';

const DETAILS = `${TRAIN_DETAILS}

FILE is a config.json as Hugging Face has it, such as
  { "model_type": "gpt2", "n_positions": 256,
    "n_embd": 256, "n_layer": 6, "n_head": 8 }
the size of the vocabulary and the special tokens that it leaves out are those
of the tokenizer.

Examples:
  gpt2-wasm train-tokenizer stories.txt --vocab-size 4096 --out tokenizer
  gpt2-wasm pretrain stories.txt --config config.json --tokenizer tokenizer \\
    --out my-model`;

interface Values extends TrainValues {
  readonly config: string;
  readonly tokenizer: string;
}

export function addPretrain(program: Command): void {
  const command = program
    .command('pretrain')
    .summary('train a small model from scratch')
    .description('Train a GPT-2 model from scratch.')
    .argument('<data...>', 'files and folders of text')
    .addOption(
      new Option('--config <file>', 'config.json of the new model').makeOptionMandatory().helpGroup(BASICS),
    )
    .addOption(
      new Option('--tokenizer <dir>', 'folder or model whose tokenizer is used')
        .makeOptionMandatory()
        .helpGroup(BASICS),
    );
  addTrainOptions(command, BASICS);
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
