import { invalidOption } from '../../base/check_options.js';
import { planAdapters } from '../../core/adapters/adapter_place.js';
import { openBeside } from '../../model/adapters/beside.js';
import { inspectModel } from '../../model/inspect_model.js';
import type { Model } from '../../model/model.js';
import { chatPrompts } from '../../server/chat/prompt.js';
import type { HandlerOptions, ModelLoader, ServedAdapters } from '../../server/handler_options.js';
import { loadForCommand } from '../inputs/load_model.js';
import { modelSource } from '../inputs/model_source.js';
import { standardTemplate } from '../inputs/standard_template.js';
import type { Flag } from '../options/flag.js';
import {
  BUILD_FLAG,
  MEMORY_FLAGS,
  MODEL_STANDARD,
  type ModelValues,
  THREADS_FLAG,
} from '../options/model_flags.js';
import { type NamedAdapter, namedAdapters, parseNamedAdapter } from './named_adapters.js';
import { type NamedModel, namedModels, parseNamedModel } from './named_models.js';

const MEBIBYTE = 2 ** 20;
/** Memory of a core beside what is estimated. */
const SPARE = 2 * MEBIBYTE;

/** Flags that name the models of a server, and say how they compute. */
export const SERVED_FLAGS: Readonly<Record<string, Flag>> = {
  model: {
    value: 'name=path|id',
    parse: parseNamedModel,
    help: `serve a model under a name: folder, .gguf file or id on the Hugging Face hub; default: ${MODEL_STANDARD}`,
    isRepeatable: true,
  },
  adapter: {
    value: 'name[@model]=dir[:number]',
    parse: parseNamedAdapter,
    help: 'serve a LoRA adapter of MODEL, else of the first model, under a name',
    isRepeatable: true,
  },
  maxMemory: {
    value: 'MiB',
    help: 'memory of all models; those that do not fit are loaded when they are asked for, in the place of others',
    standard: 'no limit',
  },
  build: { ...BUILD_FLAG, standard: 'simd' },
  ...MEMORY_FLAGS,
  threads: THREADS_FLAG,
};

/** Their values. */
export interface ServedValues extends Omit<ModelValues, 'model' | 'adapter'> {
  readonly model?: readonly NamedModel[];
  readonly adapter?: readonly NamedAdapter[];
}

/** The models that the flags name, for `createHandler`. Throws `invalid-option` for those that cannot be served. */
export async function servedModels(
  { model, adapter, maxMemory: mebibytes, ...values }: ServedValues,
  signal: AbortSignal,
): Promise<Pick<HandlerOptions, 'models' | 'adapters' | 'maxMemory'>> {
  if (mebibytes !== undefined && !(mebibytes > 0)) {
    throw invalidOption('--max-memory', mebibytes, 'a number of MiB above 0');
  }
  const maxMemory = mebibytes === undefined ? undefined : Math.floor(mebibytes * MEBIBYTE);
  const named = namedModels(model);
  const adapters = namedAdapters(adapter, named);
  const models: Record<string, ModelLoader> = Object.create(null);
  for (const { name, source } of named) {
    const given = { build: 'simd' as const, ...values, ...(source !== undefined && { model: source }) };
    const own = Object.values(adapters).filter(({ model }) => model === name);
    const bytes = maxMemory && (await shareOf(name, given, own, maxMemory, named.length, signal));
    const load = async () => {
      const template = await standardTemplate(given, signal);
      const loaded = await loadForCommand({ ...given, ...(bytes && { maxMemory: bytes }) }, signal);
      // Those of a model with a share of the memory have been opened for it.
      if (bytes === undefined) await checkAdapters(own, loaded, signal);
      // Chats with this model, which the server finds by its tokenizer, are written so from now on.
      chatPrompts(loaded.tokenizer, template);
      return loaded;
    };
    models[name] = { load, bytes };
  }
  return { models, adapters, maxMemory };
}

/** Throws for adapters that cannot be read or are of another model, and disposes the model. */
async function checkAdapters(
  adapters: readonly ServedAdapters[],
  model: Model,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const { adapters: choices } of adapters) await openBeside(choices, model.config, { signal });
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** An equal share of the memory for a model, or what it needs for one text beside all its adapters if that is more. */
async function shareOf(
  name: string,
  { model, weights, kvCache, contextLength }: ModelValues,
  adapters: readonly ServedAdapters[],
  maxMemory: number,
  models: number,
  signal: AbortSignal,
): Promise<number> {
  const options = { weights, kvCache, contextLength, signal };
  const { memory, config } = await inspectModel(modelSource(model).source, options);
  let least = memory.total + SPARE;
  for (const { adapters: choices } of adapters) {
    least += planAdapters(config, await openBeside(choices, config, { signal })).bytes;
  }
  if (least > maxMemory) {
    const beside = adapters.length > 0 ? ' and its adapters' : '';
    const needed = `${Math.ceil(least / MEBIBYTE)} or more, which ${name} needs for one text${beside}`;
    throw invalidOption('--max-memory', maxMemory / MEBIBYTE, needed);
  }
  return Math.max(least, Math.floor(maxMemory / models));
}
