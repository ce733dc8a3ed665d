import type { MapperConfig } from '../../architecture/clipcap/config.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { MapperFile } from './mapper_file.js';
import type { MapperShape } from './mapper_shape.js';

/** Heads of each mapper of ClipCap, whatever its width. */
export const MAPPER_HEADS = 8;

/**
 * The configuration of a mapper in a file, for a model of this width. Throws `unsupported` if two matrices give no
 * vectors of that width, and `invalid-option` for heads that a transformer cannot have.
 */
export function mapperConfig(
  { source, path }: MapperFile,
  shape: MapperShape,
  channels: number,
  heads: number = MAPPER_HEADS,
): MapperConfig {
  if (shape.kind === 'mlp') {
    const { features, innerChannels, outputs } = shape;
    const vectors = outputs / channels;
    if (Number.isInteger(vectors)) return { kind: 'mlp', features, vectors, channels, innerChannels };
    throw new Gpt2Error(
      'unsupported',
      `${path} of ${source.name} gives ${outputs} numbers, which are no vectors of ${channels}, the width of the model`,
    );
  }
  checkNumber('heads', heads, whole(1));
  if (channels % heads === 0) return { ...shape, heads };
  throw invalidOption('heads', heads, `a divisor of ${channels}, the width of the mapper`);
}
