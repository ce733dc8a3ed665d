import type { WeightFormat } from '../../dtypes/weight_formats.js';
import type { Source } from '../../files/source_options.js';

/** A LoRA adapter: a name, and its files in the format of PEFT. */
export interface Adapter {
  /** Id of an adapter that was learned from choices and is stored in the browser. */
  readonly id?: string;
  readonly name: string;
  readonly files: readonly File[];
}

/** A model with its adapters, without the format of its weights in memory. */
export interface ModelChoice {
  readonly source: Exclude<Source, { list(): unknown }>;
  /** Name of the model in the page. */
  readonly name: string;
  /** Name of the model without its adapters. */
  readonly base: string;
  /** LoRA adapters that change the model. */
  readonly adapters: readonly Adapter[];
}

/** A model to load. */
export interface ModelRequest extends ModelChoice {
  /** Format of the weights in memory; `undefined`: the default of the model. */
  readonly weights: WeightFormat | undefined;
}

/** The request with other adapters, named after them. */
export function withAdapters(request: ModelRequest, adapters: readonly Adapter[]): ModelRequest {
  const names = adapters.map(({ name }) => name).join(', ');
  const name = names === '' ? request.base : `${request.base} with ${names}`;
  return { ...request, name, adapters };
}

export const filesOf = (adapters: readonly Adapter[]): (readonly File[])[] =>
  adapters.map(({ files }) => files);
