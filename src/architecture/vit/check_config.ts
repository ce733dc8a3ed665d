import { checkNumber, positive, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import type { Activation } from '../gpt2/config.js';
import { MAX_LAYERS, MAX_SIZE } from '../gpt2/config_values.js';
import type { EncoderConfig } from './config.js';

const ACTIVATIONS: readonly Activation[] = ['gelu-tanh', 'gelu-erf', 'relu', 'silu', 'tanh'];

/** Throws `invalid-option` unless this is the whole configuration of an image encoder. */
export function checkEncoderConfig(config: unknown): asserts config is EncoderConfig {
  const sizes = ['channels', 'heads', 'innerChannels', 'imageChannels'] as const;
  const names = [...sizes, 'layers', 'activation', 'layerNormEpsilon', 'imageSize', 'patchSize'];
  checkOptionNames('encoder', config, [...names, 'classTokens', 'qkvBias', 'outputChannels']);
  const given = config as Record<keyof EncoderConfig, unknown>;
  for (const name of sizes) checkNumber(`encoder.${name}`, given[name], whole(1, MAX_SIZE));
  checkNumber('encoder.layers', given.layers, whole(1, MAX_LAYERS));
  checkNumber('encoder.layerNormEpsilon', given.layerNormEpsilon, positive);
  const { channels, heads, activation, classTokens, qkvBias, outputChannels } = config as EncoderConfig;
  if (channels % heads !== 0) {
    throw invalidOption('encoder.heads', heads, `a divisor of encoder.channels, ${channels}`);
  }
  if (!ACTIVATIONS.includes(activation)) {
    throw invalidOption('encoder.activation', activation, `one of ${ACTIVATIONS.join(', ')}`);
  }
  checkSizes(given);
  if (classTokens !== 1 && classTokens !== 2) {
    throw invalidOption('encoder.classTokens', classTokens, '1, or 2 with a distillation token');
  }
  if (typeof qkvBias !== 'boolean') throw invalidOption('encoder.qkvBias', qkvBias, 'true or false');
  if (outputChannels !== undefined) {
    checkNumber('encoder.outputChannels', outputChannels, whole(1, MAX_SIZE));
  }
}

function checkSizes({ imageSize, patchSize }: Record<'imageSize' | 'patchSize', unknown>): void {
  for (const [name, size] of Object.entries({ imageSize, patchSize })) {
    if (!Array.isArray(size) || size.length !== 2) {
      throw invalidOption(`encoder.${name}`, size, 'a height and a width, [number, number]');
    }
    for (const side of size) checkNumber(`encoder.${name}`, side, whole(1, MAX_SIZE));
  }
  const [image, patch] = [imageSize, patchSize] as [number[], number[]];
  if (image.some((side, i) => side < patch[i]!)) {
    throw invalidOption('encoder.imageSize', image, `at least encoder.patchSize, ${patch.join(' x ')}`);
  }
}
