import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { adaptersBytes } from '../abi/adapter_struct.js';
import { modelStructBytes } from '../abi/model_struct.js';
import { packedBytes } from '../layout.js';
import type { CoreMemory } from '../memory.js';
import { stagingBytes } from '../packing/packer.js';
import type { TrainExports } from './exports.js';
import {
  activationBytes,
  parameterBytes,
  type TrainingShape,
  trainingParameters,
  workBytes,
} from './layout.js';
import type { StatePlaces } from './state.js';
import { STRUCT_BYTES } from './structs.js';

/** Addresses of everything in a core's memory that training needs. */
export interface TrainPlaces extends StatePlaces {
  /** TRAINING, with its DROPOUTs and its UPDATE. */
  readonly training: number;
  /** MODEL, with its layers. */
  readonly model: number;
  /** Array of the adapters of the model's matrices, or 0 if no adapter is trained. */
  readonly adapters: number;
  /** The first trained weight. */
  readonly weights: number;
  /** Bytes of the trained matrices, which lie before the trained vectors. */
  readonly matrixBytes: number;
  readonly activations: Addresses<ReturnType<typeof activationBytes>>;
  readonly work: Addresses<ReturnType<typeof workBytes>>;
  /** Scratch of the first thread, and bytes from one thread's to the next. */
  readonly scratch: number;
  readonly scratchBytes: number;
}

type Addresses<Bytes> = Record<keyof Bytes, number>;

/** Reserves the memory that training needs. Throws `out-of-memory`. */
export function placeTraining(
  memory: CoreMemory,
  core: TrainExports,
  config: ModelConfig,
  shape: TrainingShape,
  threads: number,
): TrainPlaces {
  const { trained, frozen } = trainingParameters(config, shape.lora);
  const training = memory.reserve(STRUCT_BYTES);
  const model = memory.reserve(modelStructBytes(config));
  const adapters = shape.lora === undefined ? 0 : memory.reserve(adaptersBytes(config));
  const weights = placeWeights(memory, trained, frozen);
  const activations = reserveAll(memory, activationBytes(config, shape));
  const work = reserveAll(memory, workBytes(config, shape));
  const scratchBytes = core.trainingScratchBytes(shape.length, shape.length, config.channels / config.heads);
  const scratch = memory.reserve(threads * scratchBytes);
  // Weights are read and written between calls, when activations, work and scratch are free.
  const staging = { address: activations.residuals, bytes: stagingBytes([...frozen, ...trained]) };
  const missing = staging.address + staging.bytes - (scratch + threads * scratchBytes);
  if (missing > 0) memory.reserve(missing);
  return { training, model, adapters, ...weights, activations, work, scratch, scratchBytes, staging };
}

/** Reserves four parts for the trained weights, matrices before vectors, and one for the frozen ones. */
function placeWeights(memory: CoreMemory, trained: readonly Parameter[], frozen: readonly Parameter[]) {
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

/** Addresses of parameters by name, one after the other from `start` on. */
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

/** Reserves each region of a plan. */
function reserveAll<T extends Record<string, number>>(memory: CoreMemory, bytes: T): Addresses<T> {
  const places = Object.entries(bytes).map(([name, length]) => [name, memory.reserve(length)]);
  return Object.fromEntries(places) as Addresses<T>;
}
