import { Gpt2Error } from '../../base/errors.js';
import type { Metadata } from './metadata.js';

/** The error for metadata that is not that of a whole model of architecture gpt2. */
export function otherModel(metadata: Metadata, where: string): Gpt2Error {
  const type = metadata.text('general.type') ?? 'model';
  if (type !== 'model') {
    const advice =
      type === 'adapter'
        ? '; load its base model, and the adapter from the folder that PEFT has written'
        : '';
    return new Gpt2Error(
      'unsupported',
      `${where}: general.type is ${JSON.stringify(type)}, no whole model${advice}`,
    );
  }
  const architecture = metadata.text('general.architecture');
  if (architecture === undefined) {
    return new Gpt2Error('invalid-file', `${where}: the metadata has no general.architecture`);
  }
  return new Gpt2Error(
    'unsupported',
    `${where}: general.architecture is ${JSON.stringify(architecture)}; only "gpt2" can be computed`,
  );
}
