import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject } from '../../files/json_object.js';
import type { StoredTensor } from '../stored_tensor.js';
import { areCounts, BITS, byteLengthOf } from './number_formats.js';

/** The error for an entry of the header that describes no tensor. */
export function entryError(name: string, entry: unknown, where: string): Gpt2Error {
  const wrong = (problem: string) =>
    new Gpt2Error('invalid-file', `tensor ${JSON.stringify(name)} of ${where} ${problem}`);
  if (!isJsonObject(entry)) return wrong('is not described by a JSON object');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!BITS.has(dtype)) {
    return wrong(`has dtype ${JSON.stringify(dtype)}; safetensors knows ${[...BITS.keys()].join(', ')}`);
  }
  if (!areCounts(shape)) {
    return wrong(`has shape ${JSON.stringify(shape)}; it must be a list of whole numbers from 0`);
  }
  const [begin = 0, end = 0] = areCounts(offsets) ? offsets : [];
  if (!areCounts(offsets) || offsets.length !== 2 || begin > end) {
    return wrong(`has data_offsets ${JSON.stringify(offsets)}; they must be two whole numbers, begin <= end`);
  }
  const size = byteLengthOf(dtype, shape);
  if (size === undefined) return wrong(`has shape ${JSON.stringify(shape)}, too large for any file`);
  return wrong(
    `has ${end - begin} bytes by its data_offsets, but shape ${JSON.stringify(shape)} of ${dtype} takes ${size}`,
  );
}

/** The error for tensors, in the order of their bytes, that do not fill a file from `dataStart` on. */
export function layoutError(
  tensors: readonly StoredTensor[],
  dataStart: number,
  byteLength: number,
  where: string,
): Gpt2Error {
  let filled = dataStart;
  let previous = '';
  for (const { name, start, end } of tensors) {
    const tensor = `tensor ${JSON.stringify(name)} of ${where}`;
    if (end > byteLength) {
      return new Gpt2Error(
        'invalid-file',
        `${tensor} ends at byte ${end}, but the file has ${byteLength}; it is cut off or its header is damaged`,
      );
    }
    if (start < filled) {
      return new Gpt2Error('invalid-file', `${tensor} overlaps tensor ${JSON.stringify(previous)}`);
    }
    if (start > filled) {
      return new Gpt2Error(
        'invalid-file',
        `${tensor} starts at byte ${start}; bytes ${filled} to ${start} belong to no tensor`,
      );
    }
    filled = end;
    previous = name;
  }
  return new Gpt2Error('invalid-file', `bytes ${filled} to ${byteLength} of ${where} belong to no tensor`);
}
