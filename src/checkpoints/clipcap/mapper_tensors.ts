import type { MapperConfig } from '../../architecture/clipcap/config.js';
import { storedMapperWeights } from '../../architecture/clipcap/parameters.js';
import type { Dtype } from '../../dtypes/tensor_types.js';
import type { WeightTensor } from '../checkpoint.js';
import type { MapperFile } from './mapper_file.js';

/**
 * The stored tensor of each of `mapperParameters(config)`, by its name; those of keys and values are halves of one.
 * `mapperShape` has checked the shapes.
 */
export function mapperTensors({ tensors }: MapperFile, config: MapperConfig): Map<string, WeightTensor> {
  const found = new Map<string, WeightTensor>();
  for (const { name, parts } of storedMapperWeights(config)) {
    const stored = tensors.get(name)!;
    const bytes = (stored.end - stored.start) / parts.length;
    parts.forEach((parameter, i) => {
      const start = stored.start + i * bytes;
      const dtype = stored.dtype as Dtype;
      found.set(parameter.name, { ...stored, dtype, parameter, start, end: start + bytes });
    });
  }
  return found;
}
