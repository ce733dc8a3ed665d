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
import { addFlags, asText, type Flag, flagOf } from '../options/flag.js';
import { ADAPTER_FLAGS, SOURCE_FLAGS } from '../options/model_flags.js';
import { PREFERENCE_FLAGS, preferenceOptions } from '../options/preference_flags.js';
import { helpOption } from '../terminal/help_format.js';
import { DISTILLATION_FLAGS } from '../training/distillation.js';
import { addTrainFlags, TRAIN_DETAILS, type TrainValues } from '../training/flags.js';
import { type ChangeDocuments, trainRun } from '../training/run.js';

const BASICS = 'Model and output:';
const LORA = 'Adapter:';
const PREFERENCE = 'Preferences:';
const FAIRNESS = 'Fairness:';

const DETAILS = `${TRAIN_DETAILS}

With --lora the model stays unchanged, and DIR gets an adapter of some megabytes
in the format of PEFT. Training an adapter takes less than half of the memory,
and less time.

With --task classify, data are .csv files with the columns text and label, or
.jsonl files with these keys. DIR gets GPT2ForSequenceClassification with the
labels, an adapter added to its weights; accuracy and F1 are those of the texts
that --validation holds out. "gpt2-wasm classify" uses the model.

With --task preference, data are .csv files with the columns prompt, chosen and
rejected, or .jsonl files with these keys; --loss kto also takes prompt,
completion and label, which is true or false. The model, or with --lora an
adapter, learns to give the better answers; its learning rate is 5e-5, that of
an adapter 1e-3, unless --learning-rate says another. Long prompts lose their
beginning. At the end, the accuracy and margin of the preferences that
--validation holds out are printed, and those before the first step.
With --task reward, DIR gets GPT2ForSequenceClassification with one label, which
gives better answers larger numbers ("gpt2-wasm classify --task reward").

Examples:
  gpt2-wasm finetune --task classify reviews.csv --model ./gpt2 --out sentiment
  gpt2-wasm finetune --task preference pairs.jsonl --lora --out kind
  gpt2-wasm finetune --task reward pairs.jsonl --model ./gpt2 --out judge
  gpt2-wasm finetune notes/ --model ./gpt2 --out my-gpt2 --epochs 2
  gpt2-wasm finetune chats.jsonl --out my-model --layout documents --patience 3
  gpt2-wasm finetune poems/ --model ./gpt2 --lora --out poems-adapter
  gpt2-wasm generate --model ./gpt2 --adapter poems-adapter "The sea"
  gpt2-wasm finetune story.txt --out my-model --sample-every 50 --prompt "I"
  gpt2-wasm generate --model my-model "One day"`;

const TASK_FLAG: Flag = {
  value: 'name',
  choices: ['text', 'classify', 'preference', 'reward'],
  help:
    'text: continue texts; classify: tell classes of texts apart, by a new head; preference: give the better of ' +
    'two answers; reward: tell better answers from worse, by a new head',
  standard: 'text',
};

const USER_FLAG: Flag = {
  value: 'name',
  parse: asText,
  help: 'learn the choices of a user of "gpt2-wasm chat" as the adapter of this user',
  standard: 'files alone are learned',
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
  readonly task?: 'text' | 'classify' | 'preference' | 'reward';
  readonly adapter?: readonly AdapterChoice[];
  readonly user?: string;
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
    .argument('[data...]', DATA);
  addFlags(command, { ...SOURCE_FLAGS, ...ADAPTER_FLAGS }, BASICS);
  addFlags(command, { task: TASK_FLAG }, BASICS);
  addTrainFlags(command, BASICS, "with --user its adapter's folder; else required");
  addFlags(command, LORA_FLAGS, LORA);
  addFlags(command, { user: USER_FLAG, ...PREFERENCE_FLAGS }, PREFERENCE);
  addFlags(command, FAIRNESS_FLAGS, FAIRNESS);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action(async (paths: readonly string[], values: Values) => {
      const { task = 'text', model, revision, adapter, user } = values;
      checkTask(task, values);
      if (user === undefined) checkGiven(command, paths, values);
      const lora = loraOptions(values);
      const start = {
        model: modelSource(model).source,
        ...(revision && { revision }),
        ...(lora && { lora }),
      };
      const merged = { ...start, ...(adapter && { adapters: adapter }) };
      if (task === 'text') return trainRun(paths, values, async () => merged, await documentChange(values));
      if (task === 'classify') {
        return (await import('../training/classifier_run.js')).classifierRun(paths, values, start);
      }
      if (user !== undefined) {
        const { userRun } = await import('../training/user_run.js');
        return userRun(paths, { ...values, user }, { ...merged, ...preferenceOptions(values) });
      }
      const { preferenceRun, rewardRun } = await import('../training/preference_run.js');
      if (task === 'reward') return rewardRun(paths, values, start);
      return preferenceRun(paths, values, { ...merged, ...preferenceOptions(values) });
    });
}

/** Flags of the care for texts, which other data do not have. */
const CARE_FLAGS = ['deduplicate', 'curriculum', 'skipInvalid', 'report'];

/** Throws `invalid-option` for a flag that does not apply to a task. */
function checkTask(task: NonNullable<Values['task']>, values: Values): void {
  const wrong = [
    ...(task === 'text'
      ? []
      : [...Object.keys(FAIRNESS_FLAGS), ...Object.keys(DISTILLATION_FLAGS), ...CARE_FLAGS]),
    ...(task === 'preference' ? [] : ['user', ...Object.keys(PREFERENCE_FLAGS)]),
    ...(task === 'classify' || task === 'reward' ? ['adapter'] : []),
  ].find((name) => name in values);
  if (wrong === undefined) return;
  throw new Gpt2Error('invalid-option', `${flagOf(wrong)} does not apply to --task ${task}`);
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

/** Ends with commander's messages if there are no data, or no folder for the model. */
function checkGiven(command: Command, paths: readonly string[], { out }: Partial<TrainValues>): void {
  if (paths.length === 0) command.error("error: missing required argument 'data'");
  if (out === undefined) command.error("error: required option '--out <dir>' not specified");
}

function loraOptions({ lora, user, rank, alpha, targets }: Values): LoraOptions | undefined {
  const given = Object.entries({ rank, alpha, targets }).filter(([, value]) => value !== undefined);
  if (lora || user !== undefined) return Object.fromEntries(given);
  if (given.length === 0) return undefined;
  throw new Gpt2Error('invalid-option', `--${given[0]![0]} applies to an adapter: add --lora`);
}
