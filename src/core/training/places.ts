import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { type LoraShape, loraParameters, targetParameters } from '../../architecture/gpt2/lora.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { type AdapterAddresses, writeAdapters } from '../abi/adapter_struct.js';
import { packedBytes } from '../layout.js';
import type { CoreMemory } from '../memory.js';
import { parameterBytes } from './layout.js';
import type { WeightPlaces } from './state.js';

/** Where all weights lie. */
export interface TrainPlaces extends WeightPlaces {
  /** Address of the first trained weight. */
  readonly weights: number;
  /** Bytes of the trained matrices, which come first. */
  readonly matrixBytes: number;
  /** Bytes of the trained weights, and from each of their parts to the next. */
  readonly partBytes: number;
}

/** Reserves four parts for weights that are trained, matrices before vectors, and one for those that are not. */
export function placeWeights(
  memory: CoreMemory,
  { trained, frozen }: { readonly trained: readonly Parameter[]; readonly frozen: readonly Parameter[] },
): TrainPlaces {
  const isVector = ({ kind }: Parameter) => kind === 'vector';
  const matrices = trained.filter((parameter) => !isVector(parameter));
  const partBytes = parameterBytes(trained);
  const weights = memory.reserve(4 * partBytes);
  return {
    weights,
    matrixBytes: parameterBytes(matrices),
    partBytes,
    trained: placesFrom(weights, [...matrices, ...trained.filter(isVector)]),
    frozen: placesFrom(memory.reserve(parameterBytes(frozen)), frozen),
  };
}

function placesFrom(start: number, parameters: readonly Parameter[]): Map<string, number> {
  let end = start;
  return new Map(
    parameters.map((parameter) => {
      const place = end;
      end += packedBytes(parameter, 'f32');
      return [parameter.name, place];
    }),
  );
}

/** Fills in the array at `at` that leads to the adapter that is trained, whose matrices share `xa`. */
export function writeTrainedAdapter(
  view: DataView,
  at: number,
  config: ModelConfig,
  { rank, targets }: LoraShape,
  { trained }: WeightPlaces,
  xa: number,
): void {
  const adapters = targetParameters(config, targets).map((parameter): [string, AdapterAddresses] => {
    const { a, b } = loraParameters(parameter, rank);
    return [parameter.name, { a: trained.get(a.name)!, b: trained.get(b.name)!, rank, xa }];
  });
  const byName = new Map(adapters);
  writeAdapters(view, at, config, (name) => byName.get(name));
}
