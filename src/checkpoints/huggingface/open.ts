import { parseConfig } from '../../architecture/gpt2/config.js';
import type { JsonObject } from '../../files/json_object.js';
import { readJson } from '../../files/read_json.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { Checkpoint, ConfigFiles } from '../checkpoint.js';
import type { FoundModel } from '../format.js';
import { readSafetensorsHeader } from '../safetensors/read.js';
import type { StoredTensor } from '../stored_tensor.js';
import { CONFIG_FILE, GENERATION_FILE, INDEX_FILE } from './file_names.js';
import { withGenerationConfig } from './generation_config.js';
import { matchGpt2 } from './match_gpt2.js';

/**
 * Reads the config and the headers of a Hugging Face checkpoint and finds every weight of the model in it.
 * Throws as `openCheckpoint` does.
 */
export async function openSafetensors(model: FoundModel, signal?: AbortSignal): Promise<Checkpoint> {
  const { source, listed } = model;
  const files = new Map(listed.map((file) => [file.path, file]));
  const stored = await readTensorList(model, signal);
  const configFile = files.get(CONFIG_FILE);
  if (configFile === undefined) throw (await import('./no_config.js')).noConfig(source, listed);
  const { config, json, notes } = await readConfig(source, configFile, files.get(GENERATION_FILE), signal);
  const found =
    json.config?.model_type === 'gpt_bigcode'
      ? await (await import('./bigcode.js')).matchBigcode(source, config, json.config, stored)
      : await matchGpt2(source.name, config, stored);
  return { source, config, ...found, notes, json };
}

/** Every tensor of the checkpoint: of `model.safetensors`, or of the shards that the index names. */
export async function readTensorList(
  { source, listed, file }: FoundModel,
  signal?: AbortSignal,
): Promise<StoredTensor[]> {
  if (file.path !== INDEX_FILE) return readSafetensorsHeader(source, file, signal);
  // Models in shards are rare, so that their code is loaded only for them.
  const { readShards } = await import('./shards.js');
  const files = new Map(listed.map((file) => [file.path, file]));
  return readShards(source, file, files, (shard) => readSafetensorsHeader(source, shard, signal), signal);
}

/** The config with the tokens of generation_config.json, the JSON of both files, and notes on them. */
export async function readConfig(
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
