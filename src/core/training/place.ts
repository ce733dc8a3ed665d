import { mapperEncoder } from '../../architecture/clipcap/as_encoder.js';
import type { TransformerMapperConfig } from '../../architecture/clipcap/config.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { MATRIX, modelStructBytes } from '../abi/model_struct.js';
import { structBytes } from '../abi/struct.js';
import { crossBytes as crossStructBytes } from '../cross/cross_struct.js';
import { encoderStructBytes } from '../encoder/encoder_struct.js';
import type { CoreMemory } from '../memory.js';
import { stagingBytes } from '../packing/packer.js';
import type { TrainExports } from './exports.js';
import { type MuonPlaces, muonStructBytes } from './muon.js';
import { muonWeights, parameterBytes, trainingParameters } from './parameters.js';
import { placeWeights } from './place_weights.js';
import {
  activationBytes,
  crossBytes,
  encoderBytes,
  mapperLayerBytes,
  optimizerBytes,
  prefixBytes,
  scratchBytes,
  workBytes,
} from './regions.js';
import type { TrainingShape } from './shape.js';
import type { StatePlaces } from './state.js';
import { CROSS_TRAINING, PREFIX_TRAINING, STRUCT_BYTES } from './structs.js';
import { adapterArrayBytes } from './trained_adapters.js';

/** Addresses of everything in a core's memory that training needs. */
export interface TrainPlaces extends StatePlaces {
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
  /** Attention to encoder states, if the model has any. */
  readonly cross?: CrossPlaces | undefined;
  /** The encoder that is trained with the model. */
  readonly encoder?: EncoderPlaces | undefined;
  /** The mapper that is trained with the model. */
  readonly prefix?: PrefixPlaces | undefined;
  /** Muon, if it is the optimizer. */
  readonly muon?: MuonPlaces | undefined;
  /** Scratch of the first thread, and bytes from one thread's to the next. */
  readonly scratch: number;
  readonly scratchBytes: number;
}

/** Addresses of a CROSS, a CROSS_TRAINING and its regions. */
export interface CrossPlaces {
  readonly layers: number;
  readonly training: number;
  readonly regions: Addresses<ReturnType<typeof crossBytes>>;
}

/** Addresses of an ENCODER, a TRAINING, its adapters and its regions. */
export interface EncoderPlaces extends StackPlaces {
  readonly adapters: number;
  readonly patches: number;
}

/** Addresses of a PREFIX_TRAINING, its two MATRIX, its regions, and of its layers if it has any. */
export interface PrefixPlaces {
  readonly training: number;
  readonly matrices: number;
  readonly regions: Addresses<ReturnType<typeof prefixBytes>>;
  readonly layers?: StackPlaces | undefined;
}

/** Addresses of an ENCODER whose embedding is not used, a TRAINING and its regions. */
export interface StackPlaces {
  readonly vision: number;
  readonly training: number;
  readonly activations: Addresses<ReturnType<typeof encoderBytes>['activations']>;
  readonly work: Addresses<ReturnType<typeof encoderBytes>['work']>;
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
  const { trained, frozen } = trainingParameters(config, shape);
  const muons = muonWeights(config, shape);
  const training = memory.reserve(STRUCT_BYTES);
  const model = memory.reserve(modelStructBytes(config));
  const adapters = placeAdapters(memory, config.layers, shape);
  const cross = placeCross(memory, config);
  const encoder = placeEncoder(memory, shape);
  const muon = memory.reserve(muonStructBytes(muons));
  const weights = placeWeights(memory, config, shape);
  const activations = reserveAll(memory, activationBytes(config, shape));
  const work = reserveAll(memory, workBytes(config, shape));
  const buffers = reserveAll(memory, optimizerBytes(config, shape));
  const prefix = placePrefix(memory, shape);
  const bytes = scratchBytes(config, shape, core.trainingScratchBytes);
  const places = {
    ...{ training, model, adapters, ...weights, activations, work },
    cross: cross && { ...cross, regions: reserveAll(memory, crossBytes(config, shape)) },
    encoder: encoder && { ...encoder, ...reserveEncoder(memory, shape) },
    prefix,
    ...(muons.length > 0 && { muon: { muon, buffers, weights: muons, weightBytes: parameterBytes(muons) } }),
    scratch: memory.reserve(threads * bytes),
    scratchBytes: bytes,
  };
  // Weights are read and written between calls, when activations, work and scratch are free.
  const staging = { address: activations.residuals, bytes: stagingBytes([...frozen, ...trained]) };
  const missing = staging.address + staging.bytes - memory.end;
  if (missing > 0) memory.reserve(missing);
  return { ...places, staging };
}

function placeAdapters(memory: CoreMemory, layers: number, { lora }: TrainingShape): number {
  return lora === undefined ? 0 : memory.reserve(adapterArrayBytes(layers));
}

function placeCross(memory: CoreMemory, config: ModelConfig) {
  if (!config.crossAttention) return undefined;
  return {
    layers: memory.reserve(crossStructBytes(config)),
    training: memory.reserve(structBytes(CROSS_TRAINING)),
  };
}

function placeEncoder(memory: CoreMemory, shape: TrainingShape) {
  const { encoder } = shape;
  if (encoder === undefined) return undefined;
  return {
    vision: memory.reserve(encoderStructBytes(encoder)),
    training: memory.reserve(STRUCT_BYTES),
    adapters: placeAdapters(memory, encoder.layers, shape),
  };
}

function reserveEncoder(memory: CoreMemory, shape: TrainingShape) {
  const { activations, work, patches } = encoderBytes(shape.encoder!, shape);
  return {
    activations: reserveAll(memory, activations),
    work: reserveAll(memory, work),
    patches: memory.reserve(patches),
  };
}

function placePrefix(memory: CoreMemory, shape: TrainingShape): PrefixPlaces | undefined {
  const { prefix } = shape;
  if (prefix === undefined) return undefined;
  const bytes = mapperLayerBytes(prefix, shape);
  return {
    training: memory.reserve(structBytes(PREFIX_TRAINING)),
    matrices: memory.reserve(2 * structBytes(MATRIX)),
    regions: reserveAll(memory, prefixBytes(prefix, shape)),
    layers: bytes && {
      vision: memory.reserve(encoderStructBytes(mapperEncoder(prefix as TransformerMapperConfig))),
      training: memory.reserve(STRUCT_BYTES),
      activations: reserveAll(memory, bytes.activations),
      work: reserveAll(memory, bytes.work),
    },
  };
}

/** Reserves each region of a plan. */
function reserveAll<T extends Record<string, number>>(memory: CoreMemory, bytes: T): Addresses<T> {
  const places = Object.entries(bytes).map(([name, length]) => [name, memory.reserve(length)]);
  return Object.fromEntries(places) as Addresses<T>;
}
