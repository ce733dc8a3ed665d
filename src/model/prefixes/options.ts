import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { SOURCE_OPTION_NAMES, type SourceOptions } from '../../files/source_options.js';

/** A model, of which only the width is asked. */
export interface SizedModel {
  /** Its configuration. */
  readonly config: Pick<ModelConfig, 'channels'>;
}

/** How vectors, or what makes them, are read. */
export interface PrefixOptions extends SourceOptions {
  /** The model that the vectors are for: those of another width are refused with `unsupported`. */
  readonly model?: SizedModel | undefined;
  /** Ends reading with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** Throws `invalid-option`. `call` names the function. */
export function checkPrefixOptions(call: string, options: PrefixOptions, more: readonly string[] = []): void {
  checkOptionNames(call, options, [...SOURCE_OPTION_NAMES, 'model', 'signal', ...more]);
  const { model } = options;
  if (model === undefined || typeof model?.config?.channels === 'number') return;
  throw invalidOption('model', model, 'what loadModel or createWorkerModel gives');
}

/** Throws `unsupported` for vectors of another width than the model's. `what` has them. */
export function checkWidth(what: string, channels: number, { model }: PrefixOptions): void {
  const width = model?.config.channels;
  if (width === undefined || width === channels) return;
  throw new Gpt2Error(
    'unsupported',
    `${what} has vectors of ${channels} numbers for a model of that width; this model has ${width}`,
  );
}
