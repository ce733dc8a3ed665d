import { Gpt2Error } from '../../base/errors.js';
import type { FoundModel } from '../format.js';
import type { StoredTensor } from '../stored_tensor.js';
import { type GgufHeader, readGgufHeader } from './header.js';
import { partsOf } from './part_names.js';

/** Missing parts that an error names. */
const MOST_NAMED = 3;

/**
 * The header of a file that llama.cpp's gguf-split has cut into parts: the metadata of the first part, the
 * tensors of all. `part` is the header of the part that was found. Throws `not-found` if one is missing,
 * `invalid-file`, and `unsupported` for a part without the name of one.
 */
export async function joinParts(
  { source, listed, file }: FoundModel,
  part: GgufHeader,
  signal: AbortSignal | undefined,
): Promise<GgufHeader> {
  const count = part.metadata.whole('split.count')!;
  const named = partsOf(file.path);
  if (named === undefined) {
    throw new Gpt2Error(
      'unsupported',
      `${part.where} is one of ${count} parts of a model, without the name of one: it must end in ` +
        `-00001-of-${String(count).padStart(5, '0')}.gguf; or join the parts with llama.cpp: llama-gguf-split --merge ` +
        'FIRST-PART.gguf WHOLE.gguf',
    );
  }
  const wrong = (problem: string) => new Gpt2Error('invalid-file', `${part.where} ${problem}`);
  const { paths } = named;
  if (count !== paths.length)
    throw wrong(`is one of ${count} parts by its split.count, of another number by its name`);
  const files = new Map(listed.map((file) => [file.path, file]));
  const missing = paths.filter((path) => !files.has(path));
  if (missing.length > 0) {
    const others = missing.length > MOST_NAMED ? `, and ${missing.length - MOST_NAMED} more` : '';
    throw new Gpt2Error(
      'not-found',
      `${part.where} is one of ${count} parts of a model; ${missing.slice(0, MOST_NAMED).join(', ')}${others} must be ` +
        'beside it',
    );
  }
  const tensors: StoredTensor[] = [];
  let first = part;
  for (const [i, path] of paths.entries()) {
    const header = path === file.path ? part : await readGgufHeader(source, files.get(path)!, signal);
    const number = header.metadata.whole('split.no');
    if (number !== i || header.metadata.whole('split.count') !== count) {
      throw wrong(
        `has another model beside it: ${path} is part ${number ?? 'without a number'}, counted from 0`,
      );
    }
    if (i === 0) first = header;
    for (const tensor of header.tensors) tensors.push(tensor);
  }
  const total = first.metadata.whole('split.tensors.count') ?? tensors.length;
  if (total !== tensors.length)
    throw wrong(`has ${tensors.length} tensors in all parts; split.tensors.count is ${total}`);
  return { ...first, tensors };
}
