import { Gpt2Error } from '../../base/errors.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import { CONFIG_FILE } from './file_names.js';

/** The error for weights without a config. */
export function noConfig({ name }: ModelSource, listed: readonly SourceFile[]): Gpt2Error {
  const [only, ...others] = listed;
  // The name of a source is that of the file if a file was given, else that of the folder.
  const isAlone = others.length === 0 && name.endsWith(only!.path);
  const has = isAlone ? `${only!.path} of ${name} was given alone, with` : `${name} has`;
  return new Gpt2Error(
    'not-found',
    `${has} no ${CONFIG_FILE}, which describes the model; give the folder that holds all files of the model`,
  );
}
