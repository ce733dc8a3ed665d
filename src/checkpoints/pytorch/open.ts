import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { JsonObject } from '../../files/json_object.js';
import type { ModelSource } from '../../files/source.js';
import type { Checkpoint } from '../checkpoint.js';
import type { FoundModel } from '../format.js';
import { matchBigcode } from '../huggingface/bigcode.js';
import { CONFIG_FILE, GENERATION_FILE } from '../huggingface/file_names.js';
import { noConfig } from '../huggingface/no_config.js';
import { readConfig } from '../huggingface/open.js';
import type { StoredTensor } from '../stored_tensor.js';
import { matchTorch } from './match_torch.js';
import { namedTensors } from './named_tensors.js';
import { renaming } from './names.js';
import { isNanoGpt, openNanoGpt } from './nanogpt.js';
import { readTorchWeights, type TorchWeights } from './read_weights.js';
import { type NamedTensor, TensorPlaces } from './stored_tensors.js';

/**
 * Reads what torch.save wrote and finds every weight of the model in it: a state dict, whole or in shards, a
 * training state that has one in it, or a training state of nanoGPT. No code of the file runs. Throws as
 * `openCheckpoint` does.
 */
export async function openPytorch(model: FoundModel, signal?: AbortSignal): Promise<Checkpoint> {
  const { source, listed, file } = model;
  const files = new Map(listed.map((file) => [file.path, file]));
  const configFile = files.get(CONFIG_FILE);
  // A config of another architecture says more than weights that are none of GPT-2.
  const read = configFile && (await readConfig(source, configFile, files.get(GENERATION_FILE), signal));
  const weights = await readTorchWeights(model, signal);
  const tensors = tensorsOf(weights, `${file.path} of ${source.name}`, source);
  if (isNanoGpt(weights.saved)) return openNanoGpt(model, weights.saved, tensors, signal);
  if (read === undefined) throw noConfig(source, listed);
  const { config, json, notes } = read;
  return {
    config,
    ...(json.config?.model_type === 'gpt_bigcode'
      ? await asBigcode(source, config, json.config, tensors)
      : await matchTorch(source, config, tensors)),
    notes: [...weights.notes, ...notes],
    json,
    format: 'PyTorch',
  };
}

/** The tensors of a model of GPTBigCode, and the source that their numbers are read from. */
async function asBigcode(
  source: ModelSource,
  config: ModelConfig,
  json: JsonObject,
  tensors: readonly NamedTensor[],
) {
  const places = new TensorPlaces(source.name);
  const stored = tensors.map((tensor) => places.place(tensor).stored);
  return matchBigcode(places.addresses.in(source), config, json, stored);
}

function tensorsOf({ entries }: TorchWeights, where: string, source: ModelSource): NamedTensor[] {
  const { rename, prefix } = renaming(
    entries.map(({ name }) => name),
    where,
  );
  return namedTensors(entries, rename, prefix, source.name);
}

/**
 * The tensors of a model of any architecture under the names that transformers has, and the source that they
 * are read from. Throws as `openCheckpoint` does.
 */
export async function torchTensors(
  model: FoundModel,
  signal?: AbortSignal,
): Promise<{ source: ModelSource; tensors: StoredTensor[] }> {
  const { source, file } = model;
  const { entries } = await readTorchWeights(model, signal);
  const names = entries.map(({ name }) => name);
  const { rename, prefix } = renaming(names, `${file.path} of ${source.name}`, 'decoder.');
  const places = new TensorPlaces(source.name);
  const named = namedTensors(entries, rename, prefix, source.name);
  return { tensors: named.map((tensor) => places.place(tensor).stored), source: places.addresses.in(source) };
}
