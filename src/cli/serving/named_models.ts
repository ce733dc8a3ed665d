import { invalidOption } from '../../base/check_options.js';
import { modelSource } from '../inputs/model_source.js';

/** A model to serve. */
export interface NamedModel {
  /** Its name in requests. */
  readonly name: string;
  /** As for `--model` of other commands; undefined: the model in the package. */
  readonly source: string | undefined;
}

/** NAME=SOURCE, or SOURCE, whose last part is then the name, gathered over all uses of the flag. */
export function parseNamedModel(text: string, previous: readonly NamedModel[] = []): NamedModel[] {
  const [, given, source = text] = /^([^=/\\]+)=(.+)$/s.exec(text) ?? [];
  const last = source
    .replace(/[/\\]+$/, '')
    .split(/[/\\:]/)
    .at(-1)!;
  return [...previous, { name: given ?? last.replace(/\.gguf$/i, ''), source }];
}

/** The models to serve: the one in the package if none is named. Throws `invalid-option` for two of one name. */
export function namedModels(given: readonly NamedModel[] | undefined): readonly NamedModel[] {
  if (given === undefined) return [{ name: modelSource(undefined).name, source: undefined }];
  for (const [i, { name }] of given.entries()) {
    if (name === '') throw invalidOption('--model', name, 'NAME=SOURCE: its source gives no name');
    if (given.findIndex((other) => other.name === name) < i) {
      throw invalidOption('--model', name, 'another name: two models have this one; give NAME=SOURCE');
    }
  }
  return given;
}
