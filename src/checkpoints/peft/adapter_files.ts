import type { ModelConfig } from '../../architecture/gpt2/config.js';
import {
  CROSS_LORA_TARGETS,
  LORA_TARGETS,
  type LoraAdapter,
  type LoraPair,
  type LoraTarget,
  loraParameters,
  matrixSizes,
  namedBy,
  targetParameters,
} from '../../architecture/gpt2/lora.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { checkTarget } from '../../files/check_target.js';
import type { ModelSource } from '../../files/source.js';
import type { ModelTarget } from '../../files/target.js';
import { readTensor } from '../read_tensor.js';
import { safetensorsChunks, type TensorToWrite } from '../safetensors/write.js';
import { openAdapter } from './adapter_parts.js';
import { checkAdapter } from './check_adapter.js';
import { ADAPTER_CONFIG_FILE as CONFIG_FILE, ADAPTER_WEIGHTS_FILE as WEIGHTS_FILE } from './file_names.js';
import { isSoftPrompt } from './soft_prompt_types.js';

const PREFIX = 'base_model.model.';

/** The matrices of a model that an adapter may change, and the names of its parameters in PEFT's files. */
export interface AdaptedModel {
  readonly matrices: readonly Parameter[];
  /** The targets of the matrices. */
  readonly targets: readonly LoraTarget[];
  /** PEFT's kind of the model, if it has one. */
  readonly task: 'CAUSAL_LM' | null;
  /** The name of a parameter in the model's own files. */
  nameOf(parameter: string): string;
}

/** A GPT-2 of this config, whose attention to encoder states may be changed too. */
function gpt2(config: ModelConfig): AdaptedModel {
  const targets = config.crossAttention ? [...LORA_TARGETS, ...CROSS_LORA_TARGETS] : LORA_TARGETS;
  return { ...GPT2, targets, matrices: targetParameters(config, targets) };
}

const GPT2: AdaptedModel = {
  matrices: [],
  targets: LORA_TARGETS,
  task: 'CAUSAL_LM',
  nameOf: (parameter) => `transformer.${parameter}`,
};

/** Fields of PEFT's LoraConfig that can change the computation, with the values that mean plain LoRA. */
const PLAIN: Readonly<Record<string, readonly unknown[]>> = {
  bias: ['none'],
  use_dora: [false],
  modules_to_save: [],
  rank_pattern: [],
  alpha_pattern: [],
  layers_to_transform: [],
  lora_bias: [false],
  target_parameters: [],
  trainable_token_indices: [],
  alora_invocation_tokens: [],
  // With any other initialization, PEFT changes the model's own weights too.
  init_lora_weights: [true, false, 'gaussian', 'eva', 'orthogonal'],
};

/**
 * Reads a LoRA adapter (Hu et al. 2021) in PEFT's format for a GPT-2 of this config. Throws `not-found`,
 * `invalid-file` and, for anything but plain LoRA, `unsupported`.
 */
export function readAdapter(
  source: ModelSource,
  config: ModelConfig,
  signal?: AbortSignal,
): Promise<LoraAdapter> {
  return readAdapterOf(source, gpt2(config), signal);
}

/** As `readAdapter`, for a model of any kind. */
export async function readAdapterOf(
  source: ModelSource,
  model: AdaptedModel,
  signal?: AbortSignal,
): Promise<LoraAdapter> {
  const { fields, where, tensors } = await openAdapter(source, signal);
  checkPlain(fields, where);
  const { r: rank, lora_alpha: alpha } = fields;
  if (!(Number.isSafeInteger(rank) && (rank as number) >= 1 && Number.isFinite(alpha))) {
    throw new Gpt2Error('invalid-file', `${where} must have a rank r, from 1, and a number lora_alpha`);
  }
  const scale =
    (alpha as number) / (fields.use_rslora === true ? Math.sqrt(rank as number) : (rank as number));

  const byName = new Map((await tensors()).map((tensor) => [tensor.name, tensor]));
  const pairs = new Map<string, LoraPair>();
  for (const parameter of model.matrices) {
    const [K, N] = matrixSizes(parameter);
    const read = async ({ name, shape }: Parameter) => {
      const stored = PREFIX + model.nameOf(name);
      const tensor = byName.get(stored);
      byName.delete(stored);
      return tensor && readTensor(source, tensor, shape, `${CONFIG_FILE} and the model`, signal);
    };
    const parameters = loraParameters(parameter, rank as number);
    const a = await read(parameters.a);
    const b = await read(parameters.b);
    if ((a === undefined) !== (b === undefined)) {
      throw new Gpt2Error(
        'invalid-file',
        `${source.name} has only one of lora_A and lora_B for ${parameter.name}`,
      );
    }
    if (a && b) pairs.set(parameter.name, { name: parameter.name, K, N, rank: rank as number, scale, a, b });
  }
  const [unknown] = byName.keys();
  if (unknown !== undefined || pairs.size === 0) {
    throw new Gpt2Error(
      'unsupported',
      `${WEIGHTS_FILE} of ${source.name} has ${unknown === undefined ? 'no tensors' : `the tensor ${JSON.stringify(unknown)}`}; ` +
        `adapters of ${model.targets.join(', ')} of a model with ${layersOf(model)} layers are read`,
    );
  }
  const changed = model.matrices.filter(({ name }) => pairs.has(name));
  const targets = model.targets.filter((target) => namedBy([target], changed).length > 0);
  return { rank: rank as number, alpha: alpha as number, targets, pairs };
}

/** Layers of the decoder, for messages. */
function layersOf({ matrices }: AdaptedModel): number {
  const layers = matrices.map(({ name }) => Number(/^h\.(\d+)\./.exec(name)?.[1] ?? -1));
  return 1 + Math.max(-1, ...layers);
}

/** Writes an adapter as PEFT does, `baseModel` being the name of the model that it changes. */
export function writeAdapter(
  target: ModelTarget,
  adapter: LoraAdapter,
  baseModel: string | null,
): Promise<void> {
  return writeAdapterOf(target, adapter, baseModel, GPT2);
}

/** As `writeAdapter`, for a model of any kind. */
export async function writeAdapterOf(
  target: ModelTarget,
  adapter: LoraAdapter,
  baseModel: string | null,
  { task, nameOf }: AdaptedModel,
): Promise<void> {
  checkTarget(target);
  checkAdapter(adapter);
  if (baseModel !== null && typeof baseModel !== 'string') {
    throw invalidOption('baseModel', baseModel, 'a string or null');
  }
  const { rank, alpha, targets, pairs } = adapter;
  const config = {
    ...{ peft_type: 'LORA', task_type: task, base_model_name_or_path: baseModel },
    ...{ r: rank, lora_alpha: alpha, lora_dropout: 0, target_modules: targets, fan_in_fan_out: true },
    ...{ bias: 'none', inference_mode: true, init_lora_weights: true, modules_to_save: null },
    ...{ use_rslora: false, use_dora: false, rank_pattern: {}, alpha_pattern: {} },
  };
  const tensors = [...pairs.values()].flatMap(({ name, a, b, K, N }): TensorToWrite[] => {
    const tensor = ({ name, shape }: Parameter, values: Float32Array<ArrayBuffer>): TensorToWrite => ({
      ...{ name: PREFIX + nameOf(name), dtype: 'F32', shape },
      chunks: () => [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
    });
    const parameters = loraParameters({ name, kind: 'conv1d', shape: [K, N] }, rank);
    return [tensor(parameters.a, a), tensor(parameters.b, b)];
  });
  try {
    const json = `${JSON.stringify(config, undefined, 2)}\n`;
    await target.write(CONFIG_FILE, [new TextEncoder().encode(json)]);
    await target.write(WEIGHTS_FILE, safetensorsChunks(tensors));
    await target.commit();
  } catch (error) {
    await target.discard();
    throw error;
  }
}

function checkPlain(fields: Record<string, unknown>, where: string): void {
  if (fields.peft_type !== 'LORA') {
    const hint = isSoftPrompt(fields) ? 'loadSoftPrompt reads it, as vectors before a text' : 'LORA is read';
    throw new Gpt2Error('unsupported', `${where} has peft_type ${JSON.stringify(fields.peft_type)}; ${hint}`);
  }
  for (const [name, plain] of Object.entries(PLAIN)) {
    const value = fields[name];
    const isEmpty =
      value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
    if (isEmpty || plain.includes(value)) continue;
    throw new Gpt2Error(
      'unsupported',
      `${where} has ${name} ${JSON.stringify(value)}, which is not computed`,
    );
  }
}
