import { Gpt2Error } from '../../base/errors.js';

/**
 * The path of the index of the newest checkpoint, which a file `checkpoint` names: a text in protobuf's form.
 * `where` names that file. Throws `invalid-file`.
 */
export function newestIndex(bytes: Uint8Array, where: string): string {
  const text = new TextDecoder().decode(bytes);
  const [, path] = /^\s*model_checkpoint_path: "([^"\n]+)"/m.exec(text) ?? [];
  const name = path?.split(/[\\/]/).at(-1);
  if (name !== undefined && name !== '') return `${name}.index`;
  throw new Gpt2Error(
    'invalid-file',
    `${where} names no checkpoint: it has no line model_checkpoint_path: "..."`,
  );
}
