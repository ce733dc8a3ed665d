import { FieldReader, type ModelConfig } from '../../architecture/gpt2/config.js';
import { Gpt2Error } from '../../base/errors.js';

/**
 * A config with the tokens of generation_config.json (its JSON): transformers generates with these, and with
 * the config's if the file names none. `where` names the file in messages. Throws `invalid-file`.
 */
export function withGenerationConfig(config: ModelConfig, json: unknown, where: string): ModelConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Gpt2Error('invalid-file', `${where} must hold a JSON object`);
  }
  const fields = new Map<string, unknown>(Object.entries(json));
  const read = new FieldReader(fields, where);
  const idsOf = (name: string) => (fields.has(name) ? read.tokenIds(name, config.vocabSize) : []);
  const eosTokenIds = idsOf('eos_token_id');
  return {
    ...config,
    eosTokenIds: eosTokenIds.length > 0 ? eosTokenIds : config.eosTokenIds,
    bosTokenId: idsOf('bos_token_id')[0] ?? config.bosTokenId,
  };
}
