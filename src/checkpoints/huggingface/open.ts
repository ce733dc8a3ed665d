import { type ModelConfig, parseConfig } from '../../architecture/gpt2/config.js';
import { modelParameters } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Dtype } from '../../dtypes/tensor_types.js';
import { CONFIG_FILE, GENERATION_FILE, INDEX_FILE, SINGLE_FILE } from '../../files/file_names.js';
import type { JsonObject } from '../../files/json_object.js';
import { readJson } from '../../files/read_json.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { Checkpoint, ConfigFiles, WeightTensor } from '../checkpoint.js';
import { readSafetensorsHeader, type StoredTensor } from '../safetensors/read.js';
import { withGenerationConfig } from './generation_config.js';
import { canonicalName, isIgnored } from './names.js';
import { DTYPES, type FoundTensor } from './stored_weight.js';

const EMBEDDING = 'wte.weight';
const HEAD = 'lm_head.weight';

interface StoredWeight extends FoundTensor {
  readonly tensor: StoredTensor;
}

/**
 * Reads the config and the headers of a Hugging Face checkpoint and finds every weight of the model in it. Throws as
 * `openCheckpoint` does.
 */
export async function openSafetensors(
  source: ModelSource,
  listed: readonly SourceFile[],
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const files = new Map(listed.map((file) => [file.path, file]));
  const stored = await readTensorList(source, files, signal);
  const configFile = files.get(CONFIG_FILE);
  if (configFile === undefined) {
    const has =
      listed.length === 1
        ? `${listed[0]!.path} of ${source.name} was given alone, with`
        : `${source.name} has`;
    throw new Gpt2Error(
      'not-found',
      `${has} no ${CONFIG_FILE}, which describes the model; give the folder that holds all files of the model`,
    );
  }
  const { config, json, notes } = await readConfig(source, configFile, files.get(GENERATION_FILE), signal);

  const parameters = modelParameters(config);
  const byName = nameTensors(stored, source);
  const head = config.tiedHead ? takeTiedHead(byName, config) : undefined;
  const known = new Set(parameters.map(({ name }) => name));
  const found = [
    ...(head === undefined ? [] : [head]),
    ...parameters.map((parameter) => ({ parameter, tensor: byName.get(parameter.name) })),
  ];
  // A weight that is left out would silently change what the model computes.
  if (!found.every(fits) || [...byName.keys()].some((name) => !known.has(name))) {
    const { wrongTensor } = await import('./wrong_tensor.js');
    throw wrongTensor(found, byName, config, source);
  }
  const storedHead = head && weightOf(head);
  const tensors = new Map(
    parameters.map((parameter) => [
      parameter.name,
      weightOf({ parameter, tensor: byName.get(parameter.name)! }),
    ]),
  );
  let totalBytes = 0;
  for (const { start, end } of tensors.values()) totalBytes += end - start;
  return { source, config, tensors, totalBytes, storedHead, notes, json };
}

/**
 * Every tensor of the checkpoint in `files`, the source's list by path: of `model.safetensors`, or of the shards
 * that `model.safetensors.index.json` names where that file is not there.
 */
async function readTensorList(
  source: ModelSource,
  files: ReadonlyMap<string, SourceFile>,
  signal: AbortSignal | undefined,
): Promise<StoredTensor[]> {
  const single = files.get(SINGLE_FILE);
  if (single !== undefined) return readSafetensorsHeader(source, single, signal);
  const index = files.get(INDEX_FILE);
  // Models in shards are rare, and errors too, so that their code comes only then.
  if (index === undefined) {
    const { noModel } = await import('../no_model.js');
    throw await noModel(source, [...files.values()], signal);
  }
  const { readShards } = await import('./shards.js');
  return readShards(source, index, files, signal);
}

/** The config, with the tokens by which transformers generates, and what there is to say of its files. */
async function readConfig(
  source: ModelSource,
  configFile: SourceFile,
  generationFile: SourceFile | undefined,
  signal: AbortSignal | undefined,
) {
  const where = `${CONFIG_FILE} of ${source.name}`;
  const json = await readJson(source, configFile, signal);
  const own = parseConfig(json, where);
  const files: ConfigFiles = { config: json as JsonObject };
  const notes: string[] = [];
  if (generationFile === undefined) return { config: own, json: files, notes };
  const generation = await readJson(source, generationFile, signal);
  const config = withGenerationConfig(own, generation, `${GENERATION_FILE} of ${source.name}`);
  const [ends, ownEnds] = [config, own].map(({ eosTokenIds }) => eosTokenIds.join(', '));
  if (ends !== ownEnds) {
    notes.push(
      `${GENERATION_FILE} of ${source.name} ends a text with token ${ends}, ${CONFIG_FILE} with ${ownEnds || 'none'}; ` +
        'the first counts, as in transformers',
    );
  }
  return { config, json: { ...files, generation: generation as JsonObject }, notes };
}

/** The tensors of the language model by canonical name. */
function nameTensors(stored: readonly StoredTensor[], source: ModelSource): Map<string, StoredTensor> {
  const byName = new Map<string, StoredTensor>();
  for (const tensor of stored) {
    const name = canonicalName(tensor.name);
    if (isIgnored(name)) continue;
    const other = byName.get(name);
    if (other !== undefined) {
      throw new Gpt2Error(
        'invalid-file',
        `${source.name} stores ${name} twice: as ${JSON.stringify(other.name)} in ${other.file} and as ` +
          `${JSON.stringify(tensor.name)} in ${tensor.file}`,
      );
    }
    byName.set(name, tensor);
  }
  return byName;
}

/**
 * Takes the stored head out of the tensors of a model whose head is tied. It is returned if the embedding is stored too.
 * If only the head is, it stands for both: safetensors' `save_model` keeps one of two tied names, and of these it is the
 * head's.
 */
function takeTiedHead(byName: Map<string, StoredTensor>, config: ModelConfig): StoredWeight | undefined {
  const stored = byName.get(HEAD);
  if (stored === undefined) return undefined;
  const parameter = modelParameters({ ...config, tiedHead: false }).find(({ name }) => name === HEAD)!;
  const head = byName.has(EMBEDDING) ? { parameter, tensor: stored } : undefined;
  if (head === undefined) byName.set(EMBEDDING, stored);
  byName.delete(HEAD);
  return head;
}

function fits(found: FoundTensor): found is StoredWeight {
  const { parameter, tensor } = found;
  return (
    tensor !== undefined &&
    tensor.shape.length === parameter.shape.length &&
    tensor.shape.every((size, i) => size === parameter.shape[i]) &&
    DTYPES.includes(tensor.dtype)
  );
}

function weightOf({ parameter, tensor }: StoredWeight): WeightTensor {
  const { name, file, dtype, start, end } = tensor;
  return { name, file, dtype: dtype as Dtype, parameter, start, end };
}
