import { tokenizerFiles } from '../tokenizer/files/no_tokenizer.js';
import type { CheckpointFormat, WantedKind } from './format.js';
import { ADAPTER_FILES } from './peft/file_names.js';

/** The advice for a place without such files: "a model is a folder with ...". */
export function rightFiles(kind: WantedKind, formats: readonly CheckpointFormat[]): string {
  if (kind === 'adapter') return `an adapter is a folder with ${ADAPTER_FILES.join(' and ')}`;
  const own = `a folder with ${tokenizerFiles()}`;
  const places =
    kind === 'model'
      ? formats.map(({ what }) => what)
      : [own, ...formats.filter(({ tokenizer }) => tokenizer).map(({ what }) => what)];
  return `a ${kind} is ${places.join(', or ')}`;
}
