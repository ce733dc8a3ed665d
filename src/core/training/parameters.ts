import { mapperParameters } from '../../architecture/clipcap/parameters.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { loraParameters, namedBy } from '../../architecture/gpt2/lora.js';
import { modelParameters, type Parameter } from '../../architecture/gpt2/parameters.js';
import { encoderParameters, OUTPUT_PROJECTION } from '../../architecture/vit/parameters.js';
import { invalidOption } from '../../base/check_options.js';
import { packedBytes } from '../layout.js';
import { isMuonWeight } from './muon.js';
import type { TrainingSection, TrainingShape } from './shape.js';

/** All weights of a model and, if it is trained with one, of its encoder. */
function allParameters(config: ModelConfig, { encoder }: Pick<TrainingShape, 'encoder'>): Parameter[] {
  return [...modelParameters(config), ...(encoder === undefined ? [] : encoderParameters(encoder))];
}

const isOfCross = ({ name }: Parameter) =>
  /\.(crossattention|ln_cross_attn)\./.test(name) || name.startsWith(`${OUTPUT_PROJECTION}.`);

/** The matrices that an adapter changes. */
export function targetsOf(config: ModelConfig, shape: Pick<TrainingShape, 'encoder' | 'lora'>): Parameter[] {
  return namedBy(shape.lora?.targets ?? [], allParameters(config, shape));
}

/** Whether the gradient of the encoder states is needed: something before them is trained, or they are given. */
export function wantsStateGradients(config: ModelConfig, shape: TrainingShape): boolean {
  if (shape.encoder === undefined) return true;
  const { trained } = trainingParameters(config, shape);
  const before = new Set(encoderParameters(shape.encoder).map(({ name }) => name.replace(/\.weight$/, '')));
  return trained.some(({ name }) => before.has(name.replace(/(\.lora_[AB])?\.weight$/, '')));
}

/** Fields of a shape that say what is trained. */
type TrainedFields = Pick<TrainingShape, 'encoder' | 'lora' | 'prefix' | 'frozen'>;

/** Those of the trained weights that Muon updates; none if the optimizer is AdamW. Throws `invalid-option`. */
export function muonWeights(
  config: ModelConfig,
  shape: TrainedFields & Pick<TrainingShape, 'optimizer'>,
): Parameter[] {
  const { optimizer } = shape;
  if (optimizer !== 'muon') return [];
  const weights = trainingParameters(config, shape).trained.filter(isMuonWeight);
  if (weights.length > 0) return weights;
  throw invalidOption('optimizer', optimizer, "'adamw': no matrix of a layer is trained, which Muon is for");
}

/** The weights that are trained, and those that stay as they are. A mapper's are the last ones. */
export function trainingParameters(
  config: ModelConfig,
  { encoder, lora, prefix, frozen = [] }: TrainedFields,
): { trained: Parameter[]; frozen: Parameter[] } {
  const parameters = allParameters(config, { encoder });
  const mapper = prefix === undefined ? [] : mapperParameters(prefix);
  if (lora !== undefined) {
    const pairs = targetsOf(config, { encoder, lora }).map((parameter) =>
      loraParameters(parameter, lora.rank),
    );
    if (pairs.length === 0) {
      throw invalidOption('targets', lora.targets, 'names of matrices that the model has');
    }
    // A new head of classes is trained beside the adapter.
    const isHead = ({ name }: Parameter) => config.classes !== undefined && name === 'lm_head.weight';
    return {
      trained: [...pairs.flatMap(({ a, b }) => [a, b]), ...parameters.filter(isHead), ...mapper],
      frozen: parameters.filter((parameter) => !isHead(parameter)),
    };
  }
  const own = new Set(modelParameters(config).map(({ name }) => name));
  const sectionOf = (parameter: Parameter): TrainingSection =>
    isOfCross(parameter) ? 'cross' : own.has(parameter.name) ? 'decoder' : 'encoder';
  const isFrozen = (parameter: Parameter) => frozen.includes(sectionOf(parameter));
  return {
    trained: [...parameters.filter((parameter) => !isFrozen(parameter)), ...mapper],
    frozen: parameters.filter(isFrozen),
  };
}

/** Bytes of weights; their gradients, and each of AdamW's moments, take as many. */
export function parameterBytes(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, parameter) => sum + packedBytes(parameter, 'f32'), 0);
}

/**
 * The matrices that are kept in the format of `quantize`: trained ones beside their f32 numbers, frozen ones alone.
 * Adapters stay f32.
 */
export function quantizedMatrices(
  config: ModelConfig,
  shape: TrainingShape,
): { trained: Parameter[]; frozen: Parameter[] } {
  if (shape.quantize === undefined) return { trained: [], frozen: [] };
  const matrices = modelParameters(config).filter(({ kind }) => kind === 'conv1d' || kind === 'linear');
  const names = new Set(matrices.map(({ name }) => name));
  const isQuantized = ({ name }: Parameter) => names.has(name);
  const { trained, frozen } = trainingParameters(config, shape);
  return { trained: trained.filter(isQuantized), frozen: frozen.filter(isQuantized) };
}

/** Bytes of all packed matrices. */
export function quantizedBytes(config: ModelConfig, shape: TrainingShape): number {
  const { trained, frozen } = quantizedMatrices(config, shape);
  return [...frozen, ...trained].reduce((sum, matrix) => sum + packedBytes(matrix, shape.quantize!), 0);
}

/** Bytes of the weights that are kept in f32. */
export function f32Bytes(config: ModelConfig, shape: TrainingShape): number {
  const { trained, frozen } = trainingParameters(config, shape);
  return parameterBytes([...trained, ...frozen]) - parameterBytes(quantizedMatrices(config, shape).frozen);
}
