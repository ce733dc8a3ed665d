import { invalidOption } from '../../base/check_options.js';
import { checkModelConfig } from './check_config.js';
import type { Activation, ModelConfig } from './config.js';

const ACTIVATIONS = [
  'gelu-tanh',
  'gelu-erf',
  'relu',
  'silu',
  'tanh',
] as const satisfies readonly Activation[];
const FLAGS = ['scaleAttention', 'scaleAttentionByInverseLayer', 'tiedHead'] as const;

/**
 * As `checkModelConfig`, for code that computes with the model or writes it and needs every field. Throws
 * `invalid-option`.
 */
export function checkWholeConfig(config: unknown): asserts config is ModelConfig {
  checkModelConfig(config);
  const { activation, eosTokenIds, bosTokenId, vocabSize } = config;
  if (!ACTIVATIONS.includes(activation)) {
    throw invalidOption('config.activation', activation, `one of ${ACTIVATIONS.join(', ')}`);
  }
  for (const name of FLAGS) {
    const flag: unknown = config[name];
    if (typeof flag !== 'boolean') throw invalidOption(`config.${name}`, flag, 'true or false');
  }
  const { crossAttention = false } = config;
  if (typeof crossAttention !== 'boolean') {
    throw invalidOption('config.crossAttention', crossAttention, 'true, false or undefined');
  }
  const isToken = (id: unknown) => Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabSize;
  const wrong = eosTokenIds.findIndex((id) => !isToken(id));
  if (wrong >= 0) {
    const right = `a token id from 0 to ${vocabSize - 1}`;
    throw invalidOption(`config.eosTokenIds[${wrong}]`, eosTokenIds[wrong], right);
  }
  if (bosTokenId !== undefined && !isToken(bosTokenId)) {
    throw invalidOption(
      'config.bosTokenId',
      bosTokenId,
      `a token id from 0 to ${vocabSize - 1}, or undefined`,
    );
  }
}
