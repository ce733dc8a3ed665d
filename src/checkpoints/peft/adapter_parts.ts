import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { readJson } from '../../files/read_json.js';
import type { ModelSource } from '../../files/source.js';
import type { StoredTensors } from '../format.js';
import { readSafetensorsHeader } from '../safetensors/read.js';
import { ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS_FILE, OLD_WEIGHTS_FILE } from './file_names.js';

/** An adapter of any type as PEFT has written it; no weight has been read yet. */
export interface AdapterParts {
  /** adapter_config.json, and its name in messages. */
  readonly fields: JsonObject;
  readonly where: string;
  /** Downloads the weights if the source keeps downloads, and reads their headers. */
  tensors(): Promise<StoredTensors>;
}

/** Finds an adapter in a source and reads its config. Throws `not-found`, `invalid-file` and `unsupported`. */
export async function openAdapter(source: ModelSource, signal?: AbortSignal): Promise<AdapterParts> {
  const listed = await source.list(signal);
  const find = (name: string) => listed.find(({ path }) => path === name);
  const configFile = find(ADAPTER_CONFIG_FILE);
  const weightsFile = find(ADAPTER_WEIGHTS_FILE) ?? find(OLD_WEIGHTS_FILE);
  if (configFile === undefined || weightsFile === undefined) {
    const { noAdapter } = await import('../no_model.js');
    throw noAdapter(source, listed);
  }
  const where = `${ADAPTER_CONFIG_FILE} of ${source.name}`;
  const fields = await readJson(source, configFile, signal);
  if (!isJsonObject(fields)) throw new Gpt2Error('invalid-file', `${where} must hold an object`);
  const tensors = async () => {
    await source.download?.([weightsFile.path], { signal });
    if (weightsFile.path === ADAPTER_WEIGHTS_FILE) {
      return { source, tensors: await readSafetensorsHeader(source, weightsFile, signal) };
    }
    const { readTorchDictionary } = await import('../pytorch/read_dictionary.js');
    return readTorchDictionary(source, weightsFile, signal);
  };
  return { fields, where, tensors };
}
