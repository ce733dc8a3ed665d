import { invalidOption } from '../../base/check_options.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import type { ServedAdapters } from '../../server/handler_options.js';
import { parseAdapter } from '../options/model_flags.js';
import type { NamedModel } from './named_models.js';

/** An adapter to serve. */
export interface NamedAdapter {
  /** Its name in requests. */
  readonly name: string;
  /** The served name of its model; undefined: the first one. */
  readonly model: string | undefined;
  readonly choice: AdapterChoice;
}

/** NAME=DIR or NAME@MODEL=DIR, as `--adapter` of other commands from the sign on, gathered over all uses of the flag. */
export function parseNamedAdapter(text: string, previous: readonly NamedAdapter[] = []): NamedAdapter[] {
  const [, name, model, source] = /^([^=@]+)(?:@([^=]+))?=(.+)$/s.exec(text) ?? [];
  if (name === undefined || source === undefined) {
    throw invalidOption('--adapter', text, 'NAME=DIR, or NAME@MODEL=DIR');
  }
  return [...previous, { name, model, choice: parseAdapter(source)[0]! }];
}

/** The adapters to serve beside the models. Throws `invalid-option` for two of one name, and for an unknown model. */
export function namedAdapters(
  given: readonly NamedAdapter[] = [],
  models: readonly NamedModel[],
): Record<string, ServedAdapters> {
  const names = models.map(({ name }) => name);
  const adapters: Record<string, ServedAdapters> = Object.create(null);
  for (const { name, model = names[0]!, choice } of given) {
    if (names.includes(name) || Object.hasOwn(adapters, name)) {
      throw invalidOption('--adapter', name, 'another name: a model or an adapter has this one');
    }
    if (!names.includes(model)) throw invalidOption('--adapter', model, `one of ${names.join(', ')}`);
    adapters[name] = { model, adapters: [choice] };
  }
  return adapters;
}
