import { type EncoderConfig, stateCount } from '../../architecture/vit/config.js';
import { encoderParameters } from '../../architecture/vit/parameters.js';
import type { WeightFormat } from '../../dtypes/weight_formats.js';
import type { CoreExports } from '../abi/exports.js';
import { packedBytes } from '../layout.js';
import type { CoreMemory } from '../memory.js';
import { stagingBytes } from '../packing/packer.js';
import { type EncoderAddresses, encoderStructBytes, writeEncoder } from './encoder_struct.js';
import { encoderRegions, longestInputOf, pageBytes, pageCount } from './layout.js';

/** Upper bound in bytes for the data of the binary, what threads share and the alignment of regions. */
const OVERHEAD = 65_536;

/** Addresses in a core's memory that an encoder needs. */
export interface EncoderPlaces extends EncoderAddresses {
  /** Memory for weights on their way in, which images use later. */
  readonly staging: number;
}

/** Bytes of memory that an encoder needs with one thread, but for the scratch of its products. */
export function leastBytes(config: EncoderConfig, weights: WeightFormat): number {
  const parameters = encoderParameters(config);
  const packed = parameters.reduce((sum, parameter) => sum + packedBytes(parameter, weights), 0);
  const regions = Object.values(encoderRegions(config, weights)).reduce((sum, bytes) => sum + bytes, 0);
  const work = Math.max(regions, stagingBytes(parameters));
  return OVERHEAD + encoderStructBytes(config) + 4 * pageCount(config) + packed + work;
}

/** Plans the memory of an encoder and writes its structures. Throws `out-of-memory`. */
export function placeEncoder(
  memory: CoreMemory,
  core: CoreExports,
  config: EncoderConfig,
  weights: WeightFormat,
  threads: number,
): EncoderPlaces {
  memory.startAt(core.heapBase());
  const encoder = memory.reserve(encoderStructBytes(config));
  const pages = memory.reserve(4 * pageCount(config));
  const parameters = encoderParameters(config);
  const weight = placeWeights(memory, parameters, weights);
  const lengths = Object.entries(encoderRegions(config, weights));
  const reserved = lengths.map(([name, bytes]) => [name, memory.reserve(bytes)]);
  const regions = Object.fromEntries(reserved) as Record<keyof ReturnType<typeof encoderRegions>, number>;
  const scratchBytes = core.threadScratchBytes(
    stateCount(config),
    config.channels / config.heads,
    longestInputOf(config),
  );
  const scratch = memory.reserve(threads * scratchBytes);
  const staging = regions.x;
  const missing = staging + stagingBytes(parameters) - memory.end;
  if (missing > 0) memory.reserve(missing);
  for (let page = 0; page < pageCount(config); page++) {
    memory.i32(pages + 4 * page, 1)[0] = regions.keysAndValues + page * pageBytes(config);
  }
  const addresses = { ...regions, encoder, pages, scratch, scratchBytes, weight };
  writeEncoder(new DataView(memory.memory.buffer), config, weights, addresses);
  return { ...addresses, staging };
}

/** Places all weights one after the other, without gaps: matrices that follow one another are one. */
function placeWeights(
  memory: CoreMemory,
  parameters: ReturnType<typeof encoderParameters>,
  weights: WeightFormat,
): (name: string) => number {
  const places = new Map<string, number>();
  let bytes = 0;
  for (const parameter of parameters) {
    places.set(parameter.name, bytes);
    bytes += packedBytes(parameter, weights);
  }
  const start = memory.reserve(bytes);
  return (name) => start + places.get(name)!;
}
