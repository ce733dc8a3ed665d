import { DECODER_SITE, ENCODER_SITE } from '../../../assembly/training/abi.js';
import { mapperEncoder, mapperName } from '../../architecture/clipcap/as_encoder.js';
import { MAPPER_PREFIX } from '../../architecture/clipcap/parameters.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { loraParameters, matrixSizes } from '../../architecture/gpt2/lora.js';
import { MATRIX } from '../abi/model_struct.js';
import { structBytes, writeStruct } from '../abi/struct.js';
import { writeCross } from '../cross/cross_struct.js';
import { ENCODER, writeEncoder } from '../encoder/encoder_struct.js';
import { writeMuon } from './muon.js';
import { targetsOf, wantsStateGradients } from './parameters.js';
import type { StackPlaces, TrainPlaces } from './place.js';
import { logitsTile } from './regions.js';
import { stateRows, type TrainingShape } from './shape.js';
import { CROSS_TRAINING, PREFIX_TRAINING, type TrainingFields, writeTraining } from './structs.js';
import { writeAdapterArray } from './trained_adapters.js';
import { NO_SCRATCH, weightIn, writeDecoder } from './write_decoder.js';

/** Inference alone uses these fields of an ENCODER. */
const NO_PAGES = { ...NO_SCRATCH, pages: 0, keysAndValues: 0 };

/** Writes the structures that training begins with: models, adapters and TRAININGs. */
export function writeStructs(
  view: DataView,
  config: ModelConfig,
  shape: TrainingShape,
  places: TrainPlaces,
): void {
  const { model, partBytes, weights, matrixBytes, activations, work, scratch, scratchBytes } = places;
  const { lora } = shape;
  writeDecoder(view, config, places, false);
  const tile = logitsTile(config, shape.batch * shape.length);
  const fields: TrainingFields = {
    ...{ model, weights, matrixBytes, scratch, scratchBytes, ...activations, ...work },
    causal: 1,
    cross: places.cross?.training ?? 0,
    prefix: places.prefix?.training ?? 0,
    packed: places.packed?.struct ?? 0,
    firstSite: DECODER_SITE,
    recompute: shape.recompute ? 1 : 0,
    weightBytes: partBytes,
    toGradient: partBytes,
    toFirstMoment: 2 * partBytes,
    toSecondMoment: places.toSecondMoment,
    muon: places.muon?.muon ?? 0,
    adapters: places.adapters,
    adapterScale: lora === undefined ? 0 : lora.alpha / lora.rank,
    logitsStride: tile.stride,
    tileRows: tile.rows,
  };
  writeTraining(view, places.training, fields);
  if (places.muon !== undefined) writeMuon(view, places.muon, weightIn(places));
  writeCrossTraining(view, config, shape, places);
  writeEncoderTraining(view, shape, places, fields);
  writePrefixTraining(view, shape, places, fields);
  writeTrainedAdapters(view, config, shape, places);
}

/** Writes what attention to encoder states needs, if the model has it. */
function writeCrossTraining(
  view: DataView,
  config: ModelConfig,
  shape: TrainingShape,
  places: TrainPlaces,
): void {
  const { cross, encoder } = places;
  if (cross === undefined) return;
  writeCross(view, config, { cross: cross.layers, x: 0, weight: weightIn(places) });
  // Without a last matrix, the states are the output of the encoder's final norm.
  const isOutput = shape.encoder !== undefined && shape.encoder.outputChannels === undefined;
  const states = isOutput
    ? { memory: encoder!.work.normed, dmemory: encoder!.work.dnormed }
    : { memory: cross.regions.memory, dmemory: cross.regions.dmemory };
  writeStruct(view, cross.training, CROSS_TRAINING, {
    ...{ ...cross.regions, ...states },
    encoder: encoder?.training ?? 0,
    vision: encoder?.vision ?? 0,
    given: 0,
    states: stateRows(shape),
    ...(!wantsStateGradients(config, shape) && { dmemory: 0 }),
  });
}

/** Writes an encoder and its TRAINING, if there is one; its fields are those of the decoder but for buffers. */
function writeEncoderTraining(
  view: DataView,
  shape: TrainingShape,
  places: TrainPlaces,
  fields: TrainingFields,
): void {
  const { encoder, cross } = places;
  if (encoder === undefined) return;
  const { vision, patches, adapters } = encoder;
  writeEncoder(view, shape.encoder!, 'f32', {
    ...NO_PAGES,
    ...{ encoder: vision, hidden: patches, qkv: cross!.regions.memory, weight: weightIn(places) },
  });
  writeStackTraining(view, encoder, { ...fields, adapters });
}

/** Writes the TRAINING of layers that are not causal. */
function writeStackTraining(view: DataView, stack: StackPlaces, fields: TrainingFields): void {
  const { vision, training, activations, work } = stack;
  writeTraining(view, training, {
    ...{ ...fields, ...activations, ...work },
    // `writeEncoder` puts the MODEL after the ENCODER.
    model: vision + structBytes(ENCODER),
    causal: 0,
    cross: 0,
    prefix: 0,
    firstSite: ENCODER_SITE,
  });
}

/** Writes a mapper, if there is one; it has no dropout. */
function writePrefixTraining(
  view: DataView,
  { prefix: config }: TrainingShape,
  places: TrainPlaces,
  fields: TrainingFields,
): void {
  const { prefix } = places;
  if (prefix === undefined || config === undefined) return;
  const { training, matrices, regions, layers } = prefix;
  const own = (name: string) => weightIn(places)(MAPPER_PREFIX + name);
  const writeMatrix = (index: number, name: string, K: number, N: number) => {
    const at = matrices + index * structBytes(MATRIX);
    writeStruct(view, at, MATRIX, { weight: own(`${name}.weight`), bias: own(`${name}.bias`), K, N });
    return at;
  };
  const { kind, features, vectors, channels, innerChannels } = config;
  const isMlp = kind === 'mlp';
  writeStruct(view, training, PREFIX_TRAINING, {
    ...{ ...regions, vectors, layers: layers?.training ?? 0, learned: isMlp ? 0 : own('prefix_const') },
    first: isMlp
      ? writeMatrix(0, 'model.0', features, innerChannels)
      : writeMatrix(0, 'linear', features, config.made * channels),
    second: isMlp ? writeMatrix(1, 'model.2', innerChannels, vectors * channels) : 0,
  });
  if (isMlp || layers === undefined) return;
  const weight = (name: string) => {
    const mapped = mapperName(name);
    return mapped === undefined ? 0 : weightIn(places)(mapped);
  };
  writeEncoder(view, mapperEncoder(config), 'f32', { ...NO_PAGES, encoder: layers.vision, weight });
  writeStackTraining(view, layers, { ...fields, adapters: 0 });
}

/**
 * Writes the arrays that lead from matrices to their trained adapters, which share the memory of x A.
 */
function writeTrainedAdapters(
  view: DataView,
  config: ModelConfig,
  shape: TrainingShape,
  { trained, adapters, encoder, work }: TrainPlaces,
): void {
  const { lora } = shape;
  if (lora === undefined) return;
  const { xa } = work;
  const placed = targetsOf(config, shape).map((parameter) => {
    const { a, b } = loraParameters(parameter, lora.rank);
    const [K, N] = matrixSizes(parameter);
    return {
      name: parameter.name,
      K,
      N,
      a: trained.get(a.name)!,
      b: trained.get(b.name)!,
      rank: lora.rank,
      xa,
    };
  });
  writeAdapterArray(view, adapters, 'h', config.layers, placed);
  if (encoder !== undefined) {
    writeAdapterArray(view, encoder.adapters, 'encoder.layer', shape.encoder!.layers, placed);
  }
}
