import type { Command } from 'commander';
import { Gpt2Error } from '../../base/errors.js';
import { counterfactualDocuments } from '../../examine/bias/counterfactual/augment.js';
import { WordSwap } from '../../examine/bias/counterfactual/word_swap.js';
import { readWordPairs } from '../../examine/bias/readers/word_pairs.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import type { LoraOptions } from '../../train/run_options.js';
import { DATA } from '../inputs/find_data.js';
import { modelSource } from '../inputs/model_source.js';
import { readBytes } from '../inputs/read_bytes.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { ADAPTER_FLAGS, SOURCE_FLAGS } from '../options/model_flags.js';
import { helpOption } from '../terminal/help_format.js';
import { addTrainFlags, TRAIN_DETAILS, type TrainValues } from '../training/flags.js';
import { type ChangeDocuments, trainRun } from '../training/run.js';

const BASICS = 'Model and output:';
const LORA = 'Adapter:';
const FAIRNESS = 'Fairness:';

const DETAILS = `${TRAIN_DETAILS}

With --lora the model stays unchanged, and DIR gets an adapter of some megabytes
in the format of PEFT. Training an adapter takes less than half of the memory,
and less time.

With --task classify, data are .csv files with the columns text and label, or
.jsonl files with these keys. DIR gets GPT2ForSequenceClassification with the
labels, an adapter added to its weights; accuracy and F1 are those of the texts
that --validation holds out. "gpt2-wasm classify" uses the model.

Examples:
  gpt2-wasm finetune --task classify reviews.csv --model ./gpt2 --out sentiment
  gpt2-wasm finetune notes/ --model ./gpt2 --out my-gpt2 --epochs 2
  gpt2-wasm finetune chats.jsonl --out my-model --layout documents --patience 3
  gpt2-wasm finetune poems/ --model ./gpt2 --lora --out poems-adapter
  gpt2-wasm generate --model ./gpt2 --adapter poems-adapter "The sea"
  gpt2-wasm finetune story.txt --out my-model --sample-every 50 --prompt "I"
  gpt2-wasm generate --model my-model "One day"`;

const TASK_FLAG: Flag = {
  value: 'name',
  choices: ['text', 'classify'],
  help: 'text: continue texts; classify: tell classes of texts apart, by a new head',
  standard: 'text',
};

const LORA_FLAGS: Readonly<Record<string, Flag>> = {
  lora: { help: 'train a LoRA adapter, and leave the model unchanged' },
  rank: { value: 'count', help: 'rank of the adapter', range: '1 or more', standard: 8 },
  alpha: {
    value: 'number',
    help: 'scale of the adapter: its product is multiplied by alpha / rank',
    range: 'above 0',
    standard: 'twice the rank',
  },
  targets: {
    value: 'names',
    parse: (text) => text.split(',').map((name) => name.trim()),
    help: 'matrices that the adapter changes, separated by commas: c_attn, c_fc, c_proj, attn.c_proj, mlp.c_proj',
    standard: 'c_attn',
  },
};

const FAIRNESS_FLAGS: Readonly<Record<string, Flag>> = {
  counterfactual: {
    help: 'learn each document a second time with words such as "he" and "she" in each other\'s place',
  },
  wordPairs: {
    value: 'file',
    parse: asText,
    help: 'with --counterfactual: the words that change places, two in each line',
    standard: 'English words for genders',
  },
};

interface Values extends TrainValues {
  readonly model?: string;
  readonly revision?: string;
  readonly task?: 'text' | 'classify';
  readonly adapter?: readonly AdapterChoice[];
  readonly lora?: true;
  readonly rank?: number;
  readonly alpha?: number;
  readonly targets?: readonly string[];
  readonly counterfactual?: true;
  readonly wordPairs?: string;
}

export function addFinetune(program: Command): void {
  const command = program
    .command('finetune')
    .summary('fine-tune a model on your own text')
    .description('Fine-tune a GPT-2 model: continue its training on your own text.')
    .argument('<data...>', DATA);
  addFlags(command, { ...SOURCE_FLAGS, ...ADAPTER_FLAGS }, BASICS);
  addFlags(command, { task: TASK_FLAG }, BASICS);
  addTrainFlags(command, BASICS);
  addFlags(command, LORA_FLAGS, LORA);
  addFlags(command, FAIRNESS_FLAGS, FAIRNESS);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action(async (paths: readonly string[], values: Values) => {
      const { model, revision, adapter } = values;
      const { source } = modelSource(model);
      const lora = loraOptions(values);
      if (values.task === 'classify') {
        checkClassify(values);
        const { classifierRun } = await import('../training/classifier_run.js');
        await classifierRun(paths, values, {
          model: source,
          ...(revision && { revision }),
          ...(lora && { lora }),
        });
        return;
      }
      const start = {
        model: source,
        ...(revision && { revision }),
        ...(adapter && { adapters: adapter }),
        ...(lora && { lora }),
      };
      await trainRun(paths, values, async () => start, await documentChange(values));
    });
}

/** Throws `invalid-option` for flags that a classifier does not have. */
function checkClassify({ adapter, counterfactual, wordPairs }: Values): void {
  const given = Object.entries({ adapter, counterfactual, 'word-pairs': wordPairs });
  const [wrong] = given.find(([, value]) => value !== undefined) ?? [];
  if (wrong !== undefined)
    throw new Gpt2Error('invalid-option', `--${wrong} does not apply to --task classify`);
}

/** Counterfactual data augmentation, if it is asked for. Throws `invalid-option` and `invalid-file`. */
async function documentChange({ counterfactual, wordPairs }: Values): Promise<ChangeDocuments | undefined> {
  if (wordPairs !== undefined && !counterfactual) {
    throw new Gpt2Error('invalid-option', '--word-pairs needs --counterfactual');
  }
  if (!counterfactual) return undefined;
  const { signal } = new AbortController();
  const pairs =
    wordPairs === undefined ? undefined : readWordPairs(await readBytes(wordPairs, signal), wordPairs);
  const swap = new WordSwap(pairs);
  return (parts) => counterfactualDocuments(parts, swap);
}

function loraOptions({ lora, rank, alpha, targets }: Values): LoraOptions | undefined {
  const given = Object.entries({ rank, alpha, targets }).filter(([, value]) => value !== undefined);
  if (lora) return Object.fromEntries(given);
  if (given.length === 0) return undefined;
  throw new Gpt2Error('invalid-option', `--${given[0]![0]} applies to an adapter: add --lora`);
}
