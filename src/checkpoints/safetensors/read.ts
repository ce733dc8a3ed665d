import { Gpt2Error } from '../../base/errors.js';
import { parseJson } from '../../files/json.js';
import { isJsonObject } from '../../files/json_object.js';
import { readExactly } from '../../files/read.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { StoredTensor } from '../stored_tensor.js';

/** Longest header, which is held in memory and parsed at once: the limit of the format's own reader. */
export const MAX_HEADER_BYTES = 100_000_000;
/** Bytes of the little-endian header length at the start of the file. */
const LENGTH_BYTES = 8;
/** First read of a file: long enough for most headers, so that one request to a network is enough. */
const FIRST_READ_BYTES = 65_536;

/** The bits of every number format of safetensors, also of those that no model is read from. */
const BITS: ReadonlyMap<unknown, number> = new Map(
  Object.entries({
    ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8 },
    ...{ F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8, I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32 },
    ...{ I64: 64, U64: 64, F64: 64, C64: 64 },
  }),
);

/**
 * Reads and checks the header of one safetensors file and returns its tensors in the order of their bytes. As
 * the format demands, they must fill the rest of the file without overlap or gap. Throws `invalid-file`.
 *
 * Format: https://github.com/huggingface/safetensors#format
 */
export async function readSafetensorsHeader(
  source: ModelSource,
  file: SourceFile,
  signal?: AbortSignal,
): Promise<StoredTensor[]> {
  const { path, byteLength } = file;
  const where = `${path} of ${source.name}`;
  if (byteLength < LENGTH_BYTES) {
    throw new Gpt2Error(
      'invalid-file',
      `${where} has ${byteLength} bytes; a safetensors file has at least 8`,
    );
  }
  const first = await readExactly(source, path, 0, Math.min(byteLength, FIRST_READ_BYTES), signal);
  const headerLength = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(0, true));
  const dataStart = LENGTH_BYTES + headerLength;
  if (dataStart > byteLength) {
    const { knownBytes } = await import('../known_bytes.js');
    const is = knownBytes(first);
    if (is !== undefined) throw new Gpt2Error('invalid-file', `${where} is ${is}`);
    throw new Gpt2Error(
      'invalid-file',
      `${where} announces a header of ${headerLength} bytes, but has only ${byteLength}; ` +
        'it is cut off or is no safetensors file',
    );
  }
  if (headerLength > MAX_HEADER_BYTES) {
    throw new Gpt2Error(
      'invalid-file',
      `${where} announces a header of ${headerLength} bytes; at most ${MAX_HEADER_BYTES} are read`,
    );
  }
  const header =
    dataStart <= first.length
      ? first.subarray(LENGTH_BYTES, dataStart)
      : await readExactly(source, path, LENGTH_BYTES, dataStart, signal);
  const json = parseJson(header, `the header of ${where}`);
  if (!isJsonObject(json))
    throw new Gpt2Error('invalid-file', `the header of ${where} must be a JSON object`);

  const tensors: StoredTensor[] = [];
  for (const [name, entry] of Object.entries(json)) {
    if (name === '__metadata__') checkMetadata(entry, where);
    else tensors.push(parseEntry(name, entry, path, dataStart, where));
  }
  tensors.sort((a, b) => a.start - b.start || a.end - b.end);
  checkLayout(tensors, dataStart, byteLength, where);
  return tensors;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function checkMetadata(entry: unknown, where: string): void {
  if (isJsonObject(entry) && Object.values(entry).every((value) => typeof value === 'string')) return;
  throw new Gpt2Error('invalid-file', `__metadata__ in the header of ${where} must map names to strings`);
}

function parseEntry(
  name: string,
  entry: unknown,
  file: string,
  dataStart: number,
  where: string,
): StoredTensor {
  const wrong = (problem: string) =>
    new Gpt2Error('invalid-file', `tensor ${JSON.stringify(name)} of ${where} ${problem}`);
  if (!isJsonObject(entry)) throw wrong('is not described by a JSON object');

  const { dtype, shape, data_offsets: offsets } = entry;
  const bits = BITS.get(dtype);
  if (bits === undefined) {
    throw wrong(`has dtype ${JSON.stringify(dtype)}; safetensors knows ${[...BITS.keys()].join(', ')}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw wrong(`has shape ${JSON.stringify(shape)}; it must be a list of whole numbers from 0`);
  }
  if (
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !offsets.every(isCount) ||
    offsets[0]! > offsets[1]!
  ) {
    throw wrong(`has data_offsets ${JSON.stringify(offsets)}; they must be two whole numbers, begin <= end`);
  }
  const [begin, end] = offsets as [number, number];
  let size = bits / 8;
  for (const length of shape) {
    size *= length;
    if (size > Number.MAX_SAFE_INTEGER)
      throw wrong(`has shape ${JSON.stringify(shape)}, too large for any file`);
  }
  if (end - begin !== size) {
    throw wrong(
      `has ${end - begin} bytes by its data_offsets, but shape ${JSON.stringify(shape)} of ${dtype} takes ${size}`,
    );
  }
  return { name, file, dtype: dtype as string, shape, start: dataStart + begin, end: dataStart + end };
}

/** Throws unless the tensors, in the order of their bytes, fill the file from `dataStart` on. */
function checkLayout(
  tensors: readonly StoredTensor[],
  dataStart: number,
  byteLength: number,
  where: string,
): void {
  let filled = dataStart;
  let previous = '';
  for (const { name, start, end } of tensors) {
    const tensor = `tensor ${JSON.stringify(name)} of ${where}`;
    if (end > byteLength) {
      throw new Gpt2Error(
        'invalid-file',
        `${tensor} ends at byte ${end}, but the file has ${byteLength}; it is cut off or its header is damaged`,
      );
    }
    if (start < filled) {
      throw new Gpt2Error('invalid-file', `${tensor} overlaps tensor ${JSON.stringify(previous)}`);
    }
    if (start > filled) {
      throw new Gpt2Error(
        'invalid-file',
        `${tensor} starts at byte ${start}; bytes ${filled} to ${start} belong to no tensor`,
      );
    }
    filled = end;
    previous = name;
  }
  if (filled < byteLength) {
    throw new Gpt2Error('invalid-file', `bytes ${filled} to ${byteLength} of ${where} belong to no tensor`);
  }
}
