import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { fromJson } from '../bpe/definition.js';
import type { ReadTokenizer } from '../read_tokenizer.js';
import type { Tokenizer } from '../tokenizer.js';
import { tokenizerParts, withNotes } from './parts.js';
import type { SettingsFiles } from './settings.js';

/**
 * The tokenizer of the JSON of a tokenizer.json and of the settings files beside it. `file` names the JSON in messages.
 * Throws `invalid-file`, and `unsupported` for parts that are not read.
 */
export async function tokenizerOfJson(
  file: string,
  json: JsonObject,
  settings: SettingsFiles,
): Promise<ReadTokenizer> {
  if (!isJsonObject(json.model)) throw new Gpt2Error('invalid-file', `${file} has no model object`);
  const definition = await fromJson(file, json);
  if (definition !== undefined) return withNotes(tokenizerParts(definition, settings));
  const { readPipeline } = await import('../pipeline/read_pipeline.js');
  // The methods are those of Tokenizer, but a class with private fields is a distinct type.
  return (await readPipeline(file, json, settings)) as unknown as Tokenizer;
}
