import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { JsonObject } from '../../files/json_object.js';
import { jsonText } from '../../files/json_text.js';
import type { ConfigFiles } from '../checkpoint.js';
import { CONFIG_FILE, GENERATION_FILE } from './file_names.js';
import { configJson } from './write_config.js';

/** Fields of a kept config that are left out: they may be wrong for the written model, or repeat a size. */
const REPLACED = new Set([
  ...['hidden_size', 'num_hidden_layers', 'num_attention_heads', 'max_position_embeddings', 'n_ctx'],
  ...['multi_query', 'dtype', 'auto_map', '_name_or_path', 'name_or_path', 'transformers_version'],
]);

/**
 * The texts of config.json and, if `kept` has one, generation_config.json, by file name. Fields of `kept`
 * that do not change the computation, such as pad_token_id, are written again. Those of
 * `replacing` replace all others. Throws `invalid-option` if one cannot be written as JSON.
 */
export function configFiles(
  config: ModelConfig,
  kept: ConfigFiles = {},
  replacing: JsonObject = {},
): Record<string, string> {
  const own = configJson(config);
  const others = Object.entries(kept.config ?? {}).filter(([name]) => !REPLACED.has(name));
  const files = { [CONFIG_FILE]: jsonText('kept', { ...Object.fromEntries(others), ...own, ...replacing }) };
  if (kept.generation === undefined) return files;
  const { eos_token_id, bos_token_id } = own;
  const ends = { eos_token_id, ...(bos_token_id !== null && { bos_token_id }) };
  return { ...files, [GENERATION_FILE]: jsonText('kept', { ...kept.generation, ...ends }) };
}
