import type { Command } from 'commander';
import { MOST_THREADS } from '../../core/threads/plan.js';
import { KV_FORMATS } from '../../dtypes/kv_formats.js';
import { WEIGHT_FORMATS, type WeightFormat } from '../../dtypes/weight_formats.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import type { LoadModelOptions } from '../../model/load_options.js';
import { addFlags, asText, type Flag } from './flag.js';
import { parseThreads } from './parse.js';

/** Valid models on the command line; help of arguments and of `--model`. */
export const MODEL = 'folder or file of a model, or its id on the Hugging Face hub';
/** Default of an optional model. */
export const MODEL_STANDARD = 'the model in the package';

const MODEL_FLAG: Flag = { value: 'path|id', parse: asText, help: MODEL, standard: MODEL_STANDARD };

const REVISION_FLAG: Flag = {
  value: 'name',
  parse: asText,
  help: 'branch, tag or commit of a model on the hub',
  standard: 'main',
};

const ADAPTER_FLAG: Flag = {
  value: 'dir[:number]',
  parse: parseAdapter,
  help: 'add an adapter in the format of PEFT, multiplied by NUMBER',
  isRepeatable: true,
};

const TOKENIZER_FLAG: Flag = {
  value: 'path|id',
  parse: asText,
  help: 'a model whose tokenizer is taken, for files of training programs that have none',
  standard: "the model's own",
};

export const DRAFT_FLAG: Flag = {
  value: 'path|id',
  parse: asText,
  help: 'a smaller model of the same vocabulary guesses tokens, which may be faster; same text',
  standard: 'no guesses',
};

export const OBSERVER_FLAG: Flag = {
  value: 'path|id',
  parse: asText,
  help: 'a second model of the same vocabulary, for Binoculars and the curvature by an observer',
  standard: 'no observer',
};

export const BUILD_FLAG: Flag = {
  value: 'name',
  choices: ['auto', 'simd', 'relaxed'],
  help: 'simd: same bits on every machine; relaxed: faster; auto: the fastest that runs here',
  standard: 'auto',
};

export const THREADS_FLAG: Flag = {
  value: 'count',
  parse: parseThreads,
  help: 'number of threads; auto: what suits the processors and the model',
  range: `1 to ${MOST_THREADS}, or auto`,
  standard: 'auto',
};

const WEIGHTS_FLAG: Flag = {
  value: 'format',
  choices: WEIGHT_FORMATS,
  help: 'weights in memory; f32: exact; q8: 8 bits, a quarter of the memory; q4: 4 bits, a seventh',
  standard: 'f32; q4 for the model in the package, which was trained in 4 bits',
};

const CONTEXT_FLAG: Flag = {
  value: 'count',
  help: 'shorten the context of prompt and text to COUNT tokens, for less memory',
  range: "1 to the model's context",
  standard: "the model's context",
};

const KV_CACHE_FLAG: Flag = {
  value: 'format',
  choices: ['auto', ...KV_FORMATS],
  help: 'keys and values in memory; f16: half of f32; q8: a quarter; auto: q8 beside weights in q8 and q4',
  standard: 'auto',
};

/** Flags that name a model. */
export const SOURCE_FLAGS = { model: MODEL_FLAG, revision: REVISION_FLAG };
/** Flags of commands whose argument is the model. */
export const REVISION_FLAGS = { revision: REVISION_FLAG };
export const ADAPTER_FLAGS = { adapter: ADAPTER_FLAG };
/** Flags that decide how much memory a model takes. */
export const MEMORY_FLAGS = {
  weights: WEIGHTS_FLAG,
  kvCache: KV_CACHE_FLAG,
  contextLength: CONTEXT_FLAG,
};

/** Values of the flags that decide which model a command computes with, and how. */
export interface ModelValues {
  readonly model?: string;
  readonly revision?: string;
  readonly adapter?: readonly AdapterChoice[];
  readonly tokenizer?: string;
  readonly build?: NonNullable<LoadModelOptions['build']>;
  readonly weights?: WeightFormat;
  readonly kvCache?: NonNullable<LoadModelOptions['kvCache']>;
  readonly contextLength?: number;
  readonly maxMemory?: number;
  readonly threads?: 'auto' | number;
  readonly quiet?: true;
}

/** The flags for a second model, which has no revision, adapters or context of its own. */
export function secondModelValues(
  { revision: _, adapter: __, contextLength: ___, ...shared }: ModelValues,
  model: string,
): ModelValues {
  return { ...shared, model };
}

/** Adds the flags of ModelValues except `--quiet`. */
export function addModelFlags(command: Command, group: string): void {
  const flags = {
    ...SOURCE_FLAGS,
    ...ADAPTER_FLAGS,
    tokenizer: TOKENIZER_FLAG,
    build: BUILD_FLAG,
    ...MEMORY_FLAGS,
    threads: THREADS_FLAG,
  };
  addFlags(command, flags, group);
}

/** DIR, or DIR:NUMBER, gathered over all uses of the flag. */
export function parseAdapter(text: string, previous: readonly AdapterChoice[] = []): AdapterChoice[] {
  const [, source, weight] = /^(.+):([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i.exec(text) ?? [];
  return [...previous, source === undefined ? text : { source, weight: Number(weight) }];
}
