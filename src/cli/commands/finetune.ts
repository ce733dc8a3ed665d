import { type Command, Option } from 'commander';
import { Gpt2Error } from '../../base/errors.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import type { LoraOptions } from '../../train/trainer_options.js';
import { adapterOption, modelFolder, modelOption, revisionOption } from '../options/model_flags.js';
import { parseNumber } from '../options/parse.js';
import { helpOption } from '../terminal/help.js';
import { addTrainOptions, TRAIN_DETAILS, type TrainValues, trainRun } from '../training/run.js';

const BASICS = 'Model and output:';
const LORA = 'Adapter:';

const DETAILS = `${TRAIN_DETAILS}

With --lora the model stays as it is, and DIR gets an adapter as PEFT keeps it,
of some megabytes; training takes less than half of the memory, and less time.

Examples:
  gpt2-wasm finetune notes/ --model ./gpt2 --out my-gpt2 --epochs 2
  gpt2-wasm finetune chats.jsonl --out my-model --layout documents --patience 3
  gpt2-wasm finetune poems/ --model ./gpt2 --lora --out poems-adapter
  gpt2-wasm generate --model ./gpt2 --adapter poems-adapter "The sea"
  gpt2-wasm finetune story.txt --out my-model --sample-every 50 --prompt "I"
  gpt2-wasm generate --model my-model "One day"`;

interface Values extends TrainValues {
  readonly model?: string;
  readonly revision?: string;
  readonly adapter?: readonly AdapterChoice[];
  readonly lora?: true;
  readonly rank?: number;
  readonly alpha?: number;
  readonly targets?: readonly string[];
}

export function addFinetune(program: Command): void {
  const command = program
    .command('finetune')
    .summary('train a model further on your own text')
    .description('Train a GPT-2 model further on your own text.')
    .argument('<data...>', 'files and folders of text')
    .addOption(modelOption().helpGroup(BASICS))
    .addOption(revisionOption().helpGroup(BASICS))
    .addOption(adapterOption().helpGroup(BASICS));
  addTrainOptions(command, BASICS);
  const options = [
    new Option('--lora', 'train a LoRA adapter and leave the model as it is'),
    new Option('--rank <count>', 'rank of the change of each matrix (default: 8)').argParser(parseNumber),
    new Option(
      '--alpha <number>',
      'the change is multiplied by alpha / rank (default: twice the rank)',
    ).argParser(parseNumber),
    new Option(
      '--targets <names>',
      'matrices that are changed, some of c_attn, c_fc, c_proj, attn.c_proj, mlp.c_proj (default: c_attn)',
    ).argParser((text) => text.split(',').map((name) => name.trim())),
  ];
  for (const option of options) command.addOption(option.helpGroup(LORA));
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action(async (paths: readonly string[], values: Values) => {
      const { model, revision, adapter } = values;
      const { source } = modelFolder(model);
      const lora = loraOptions(values);
      const start = {
        model: source,
        ...(revision && { revision }),
        ...(adapter && { adapters: adapter }),
        ...(lora && { lora }),
      };
      await trainRun(paths, values, async () => start);
    });
}

function loraOptions({ lora, rank, alpha, targets }: Values): LoraOptions | undefined {
  const given = Object.entries({ rank, alpha, targets }).filter(([, value]) => value !== undefined);
  if (lora) return Object.fromEntries(given);
  if (given.length === 0) return undefined;
  throw new Gpt2Error('invalid-option', `${given[0]![0]} is for an adapter: give --lora too`);
}
