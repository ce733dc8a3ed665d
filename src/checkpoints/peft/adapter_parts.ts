import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { readJson } from '../../files/read_json.js';
import type { ModelSource } from '../../files/source.js';
import { readSafetensorsHeader } from '../safetensors/read.js';
import type { StoredTensor } from '../stored_tensor.js';
import { ADAPTER_CONFIG_FILE, ADAPTER_FILES, ADAPTER_WEIGHTS_FILE } from './file_names.js';

/** An adapter of any type as PEFT has written it; no weight has been read yet. */
export interface AdapterParts {
  /** adapter_config.json, and its name in messages. */
  readonly fields: JsonObject;
  readonly where: string;
  /** Downloads the weights if the source keeps downloads, and returns their headers. */
  tensors(): Promise<StoredTensor[]>;
}

/** Finds an adapter in a source and reads its config. Throws `not-found`, `invalid-file` and `unsupported`. */
export async function openAdapter(source: ModelSource, signal?: AbortSignal): Promise<AdapterParts> {
  const listed = await source.list(signal);
  const [configFile, weightsFile] = ADAPTER_FILES.map((name) => listed.find(({ path }) => path === name));
  if (configFile === undefined || weightsFile === undefined) {
    const { noAdapter } = await import('../no_model.js');
    throw noAdapter(source, listed);
  }
  const where = `${ADAPTER_CONFIG_FILE} of ${source.name}`;
  const fields = await readJson(source, configFile, signal);
  if (!isJsonObject(fields)) throw new Gpt2Error('invalid-file', `${where} must hold an object`);
  const tensors = async () => {
    await source.download?.([ADAPTER_WEIGHTS_FILE], { signal });
    return readSafetensorsHeader(source, weightsFile, signal);
  };
  return { fields, where, tensors };
}
