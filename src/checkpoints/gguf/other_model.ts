import { Gpt2Error } from '../../base/errors.js';
import type { Metadata } from './metadata.js';

/** The error for one of the `count` parts into which llama.cpp's gguf-split cuts a file. */
export function splitFile(where: string, count: number): Gpt2Error {
  return new Gpt2Error(
    'unsupported',
    `${where} is one of ${count} parts of a model; join them first with llama.cpp: ` +
      'llama-gguf-split --merge FIRST-PART.gguf WHOLE.gguf',
  );
}

/** The error for metadata that is not that of a whole model of architecture gpt2. */
export function otherModel(metadata: Metadata, where: string): Gpt2Error {
  // Of a split file, only the first part has other metadata.
  const parts = metadata.whole('split.count') ?? 1;
  if (parts > 1) return splitFile(where, parts);
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
