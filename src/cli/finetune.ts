import type { Command } from 'commander';
import { helpOption } from './help.js';
import { modelFolder, modelOption, revisionOption } from './model_folder.js';
import { addTrainOptions, TRAIN_DETAILS, type TrainValues, trainRun } from './train_run.js';

const BASICS = 'Model and output:';

const DETAILS = `${TRAIN_DETAILS}

Examples:
  gpt2-wasm finetune notes/ --model ./gpt2 --out my-gpt2 --epochs 2
  gpt2-wasm finetune chats.jsonl --out my-model --layout documents --patience 3
  gpt2-wasm finetune story.txt --out my-model --sample-every 50 --prompt "One day"
  gpt2-wasm generate --model my-model "One day"`;

interface Values extends TrainValues {
  readonly model?: string;
  readonly revision?: string;
}

export function addFinetune(program: Command): void {
  const command = program
    .command('finetune')
    .summary('train a model further on your own text')
    .description('Train a GPT-2 model further on your own text.')
    .argument('<data...>', 'files and folders of text')
    .addOption(modelOption().helpGroup(BASICS))
    .addOption(revisionOption().helpGroup(BASICS));
  addTrainOptions(command, BASICS);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action(async (paths: readonly string[], values: Values) => {
      const { model, revision } = values;
      const { source } = modelFolder(model);
      await trainRun(paths, values, async () => ({ model: source, ...(revision && { revision }) }));
    });
}
