import { invalidOption } from '../../base/check_options.js';
import type { ModelConfig } from './config.js';
import { MAX_LAYERS, MAX_SIZE } from './config_values.js';

const SIZES = ['vocabSize', 'contextLength', 'channels', 'layers', 'heads', 'innerChannels'] as const;

/** Throws `invalid-option` for a config that a program has made and no model can have. */
export function checkModelConfig(config: unknown): asserts config is ModelConfig {
  if (typeof config !== 'object' || config === null) throw invalidOption('config', config, 'a ModelConfig');
  const { channels, heads, ...rest } = config as Record<keyof ModelConfig, unknown>;
  for (const name of SIZES) {
    const size = (config as Record<string, unknown>)[name];
    const most = name === 'layers' ? MAX_LAYERS : MAX_SIZE;
    const least = name === 'layers' ? 0 : 1;
    if (!(Number.isSafeInteger(size) && (size as number) >= least && (size as number) <= most)) {
      throw invalidOption(`config.${name}`, size, `an integer from ${least} to ${most}`);
    }
  }
  if ((channels as number) % (heads as number) !== 0) {
    throw invalidOption('config.heads', heads, `a divisor of config.channels, ${channels}`);
  }
  const { eosTokenIds, layerNormEpsilon } = rest;
  if (!Array.isArray(eosTokenIds))
    throw invalidOption('config.eosTokenIds', eosTokenIds, 'an array of token ids');
  if (typeof layerNormEpsilon !== 'number' || !(layerNormEpsilon >= 0)) {
    throw invalidOption('config.layerNormEpsilon', layerNormEpsilon, 'a number from 0');
  }
}
