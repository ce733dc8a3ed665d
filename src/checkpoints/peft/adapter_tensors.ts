import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import type { JsonObject } from '../../files/json_object.js';
import type { ModelSource } from '../../files/source.js';
import type { StoredTensors } from '../format.js';
import { isTaskHead } from '../huggingface/names.js';
import { readTensor } from '../read_tensor.js';
import type { StoredTensor } from '../stored_tensor.js';
import type { AdaptedModel } from './adapted_model.js';
import type { AdapterParts } from './adapter_parts.js';
import { ADAPTER_CONFIG_FILE } from './file_names.js';
import { parseTensorName } from './tensor_name.js';

/** Longer names of tensors are refused. */
const MAX_NAME = 1000;

/** Constants of attention, which older files store beside the weights of a saved module. */
const MASKS = /\.(?:attn|crossattention)\.(?:bias|masked_bias)$/;

/** Names of a ClipCap mapper's tensors: they are no part of a head. */
const MAPPER = /^clip_project\./;

/** The tensors of one module of the base model. */
export interface AdaptedModule {
  /** The module's name in the base model, as in PEFT's patterns. */
  readonly name: string;
  /** Its weight. */
  readonly parameter: Parameter;
  /** Tensors of PEFT's layer by their parts, `lora_A` or `lora_B.bias`. */
  readonly parts: ReadonlyMap<string, StoredTensor>;
}

/** A parameter of the model that is stored whole. */
export interface WholeTensor {
  readonly parameter: Parameter;
  readonly module: string;
  readonly tensor: StoredTensor;
  /** Whether PEFT has wrapped the layer that it belongs to. */
  readonly isBase: boolean;
}

/** The tensors of an adapter's file by what they change. */
export class AdapterTensors {
  readonly modules: readonly AdaptedModule[];
  readonly whole: readonly WholeTensor[];
  /** Tensors of heads for other tasks, by their names in a model. */
  readonly heads: ReadonlyMap<string, StoredTensor>;
  readonly fields: JsonObject;
  /** The config's name in messages. */
  readonly where: string;
  readonly model: AdaptedModel;
  readonly #source: ModelSource;
  readonly #signal: AbortSignal | undefined;

  /** Throws `unsupported` for a tensor that belongs to no parameter of the model, or if there are none. */
  constructor(
    { source, tensors: stored }: StoredTensors,
    { fields, where }: Pick<AdapterParts, 'fields' | 'where'>,
    model: AdaptedModel,
    signal: AbortSignal | undefined,
  ) {
    this.fields = fields;
    this.where = where;
    this.model = model;
    this.#source = source;
    this.#signal = signal;
    const known = new Map(model.parameters.map((parameter) => [model.nameOf(parameter.name), parameter]));
    const modules = new Map<
      string,
      { name: string; parameter: Parameter; parts: Map<string, StoredTensor> }
    >();
    const whole: WholeTensor[] = [];
    const heads = new Map<string, StoredTensor>();
    let adapterName: string | undefined;
    for (const tensor of stored) {
      if (MASKS.test(tensor.name)) continue;
      const parsed = tensor.name.length > MAX_NAME ? undefined : parseTensorName(tensor.name);
      if (parsed === undefined) throw this.#stranger(tensor.name);
      const { module, part, leaf, adapter, isBase } = parsed;
      const head = `${module}.${leaf}`;
      if (part === undefined && model.task !== null && isTaskHead({ name: head }) && !MAPPER.test(head)) {
        heads.set(head, tensor);
        continue;
      }
      const own = `${module}.${part === undefined ? leaf : 'weight'}`;
      // Adapters of a GPT2Model have names without the prefix.
      const parameter = known.get(own) ?? known.get(model.nameOf(own));
      if (parameter === undefined) throw this.#stranger(tensor.name);
      adapterName ??= adapter;
      if (adapter !== undefined && adapter !== adapterName) {
        throw new Gpt2Error(
          'unsupported',
          `${tensor.file} of ${source.name} has the adapters ${JSON.stringify(adapterName)} and ${JSON.stringify(adapter)}; save each by itself`,
        );
      }
      if (part === undefined) {
        whole.push({ parameter, module, tensor, isBase });
        continue;
      }
      const found = modules.get(parameter.name) ?? { name: module, parameter, parts: new Map() };
      const key = leaf === 'bias' ? `${part}.bias` : part;
      if (found.parts.has(key)) {
        throw new Gpt2Error(
          'invalid-file',
          `${tensor.file} of ${source.name} has two tensors ${key} of ${module}`,
        );
      }
      found.parts.set(key, tensor);
      modules.set(parameter.name, found);
    }
    if (stored.length === 0) throw this.#stranger(undefined);
    // In the order of the model, so that all files of an adapter give the same result.
    this.modules = model.parameters.flatMap(({ name }) => modules.get(name) ?? []);
    this.whole = whole;
    this.heads = heads;
  }

  #stranger(name: string | undefined): Gpt2Error {
    const { targets } = this.model;
    return new Gpt2Error(
      'unsupported',
      `the weights of ${this.#source.name} have ${name === undefined ? 'no tensors' : `the tensor ${JSON.stringify(name)}`}; ` +
        `adapters of ${targets.join(', ')} and other parameters of a model with ${layersOf(this.model)} layers are read`,
    );
  }

  /** Reads a tensor, which must have the shape that config and model ask for. Throws `invalid-file`. */
  read(tensor: StoredTensor, shape: readonly number[]): Promise<Float32Array<ArrayBuffer>> {
    return readTensor(this.#source, tensor, shape, `${ADAPTER_CONFIG_FILE} and the model`, this.#signal);
  }

  /** The parts of a module: those that must be there, and no others. Throws `invalid-file` and `unsupported`. */
  partsOf<Name extends string>(
    { parts, parameter }: AdaptedModule,
    known: readonly Name[],
    more: readonly string[] = [],
  ): Record<Name, StoredTensor> {
    const names: readonly string[] = [...known, ...more];
    for (const part of parts.keys()) {
      if (!names.includes(part)) {
        throw new Gpt2Error(
          'unsupported',
          `${this.#source.name} has the tensor ${JSON.stringify(parts.get(part)!.name)}; by ${this.where} a module has ${names.join(', ')}`,
        );
      }
    }
    const missing = names.find((name) => !parts.has(name));
    if (missing !== undefined) {
      const has = [...parts.keys()].join(', ');
      throw new Gpt2Error(
        'invalid-file',
        `${this.#source.name} has ${has} and no ${missing} for ${parameter.name}`,
      );
    }
    return Object.fromEntries(parts) as Record<Name, StoredTensor>;
  }
}

/** Layers of the decoder, for messages. */
function layersOf({ parameters }: AdaptedModel): number {
  const layers = parameters.map(({ name }) => Number(/^h\.(\d+)\./.exec(name)?.[1] ?? -1));
  return 1 + layers.reduce((most, layer) => Math.max(most, layer), -1);
}
