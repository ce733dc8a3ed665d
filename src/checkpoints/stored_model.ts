import type { Parameter } from '../architecture/gpt2/parameters.js';

/** How a format names and stores the parameters of a model, and what messages call the parts of its files. */
export interface StoredModel {
  /** Names the source in messages. */
  readonly source: string;
  /** The number of layers that the config states. */
  readonly layers: number;
  /** Names in messages: the file or part that states the model's sizes, and its field for the layers. */
  readonly config: string;
  readonly layersField: string;
  /** The setting for a head that is not tied to the embedding, if the format has one. */
  readonly untied?: string;
  /** The architecture in messages; default GPT-2. */
  readonly architecture?: string;
  /** The prefix of the layers' names: "h" for h.0.ln_1.weight. */
  readonly layerPrefix: string;
  /** A tensor's name without optional prefixes; undefined for a tensor that is ignored. */
  canonicalName(stored: string): string | undefined;
  /** The canonical name of the tensor that holds the parameter of this name. */
  nameOf(parameter: string): string;
  /** A parameter with the kind and the shape of its stored rows. */
  layoutOf(parameter: Parameter): Parameter;
  /** Whether a stored shape is that of a parameter in its layout. */
  fits(stored: readonly number[], parameter: readonly number[]): boolean;
}
