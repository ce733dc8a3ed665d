import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject } from '../../files/json_object.js';
import { readJsonText } from '../../files/quick_json.js';
import { readExactly } from '../../files/read.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { StoredTensor } from '../stored_tensor.js';
import { areCounts, byteLengthOf } from './number_formats.js';

/** Longest header, which is held in memory and parsed at once: the limit of the format's own reader. */
export const MAX_HEADER_BYTES = 100_000_000;
/** Bytes of the little-endian header length at the start of the file. */
const LENGTH_BYTES = 8;
/** First read of a file: long enough for most headers, so that one request to a network is enough. */
const FIRST_READ_BYTES = 65_536;

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
  const json = await readJsonText(header, `the header of ${where}`);
  if (!isJsonObject(json))
    throw new Gpt2Error('invalid-file', `the header of ${where} must be a JSON object`);

  const tensors: StoredTensor[] = [];
  for (const [name, entry] of Object.entries(json)) {
    if (name === '__metadata__') checkMetadata(entry, where);
    else {
      const tensor = parseEntry(name, entry, path, dataStart);
      if (tensor === undefined) throw (await errors()).entryError(name, entry, where);
      tensors.push(tensor);
    }
  }
  tensors.sort((a, b) => a.start - b.start || a.end - b.end);
  if (fill(tensors, dataStart, byteLength)) return tensors;
  throw (await errors()).layoutError(tensors, dataStart, byteLength, where);
}

/** Errors are rare, so that their code is loaded only for them. */
const errors = () => import('./header_errors.js');

function checkMetadata(entry: unknown, where: string): void {
  if (isJsonObject(entry) && Object.values(entry).every((value) => typeof value === 'string')) return;
  throw new Gpt2Error('invalid-file', `__metadata__ in the header of ${where} must map names to strings`);
}

/** The tensor that an entry of the header describes; `undefined` if the entry is wrong. */
function parseEntry(name: string, entry: unknown, file: string, dataStart: number): StoredTensor | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { dtype, shape, data_offsets: offsets } = entry;
  const size = areCounts(shape) ? byteLengthOf(dtype, shape) : undefined;
  if (size === undefined || !areCounts(offsets) || offsets.length !== 2) return undefined;
  const [begin, end] = offsets as [number, number];
  if (end - begin !== size) return undefined;
  return {
    ...{ name, file, dtype: dtype as string, shape: shape as number[] },
    ...{ start: dataStart + begin, end: dataStart + end },
  };
}

/** Whether the tensors, in the order of their bytes, fill the file from `dataStart` on. */
function fill(tensors: readonly StoredTensor[], dataStart: number, byteLength: number): boolean {
  let filled = dataStart;
  for (const { start, end } of tensors) {
    if (start !== filled) return false;
    filled = end;
  }
  return filled === byteLength;
}
