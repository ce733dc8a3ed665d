/** Numbers of a tensor that do not lie in a file as they are used. */
export interface Strided {
  /** Bytes of a stored number. */
  readonly bytes: 1 | 2 | 4 | 8;
  /** Whether the bytes of each number are in the order of big-endian machines. */
  readonly isSwapped: boolean;
  /** Whether numbers of 8 bytes are f64, which become f32. */
  readonly isF64: boolean;
  /** Position of the first number in the file. */
  readonly start: number;
  readonly shape: readonly number[];
  /** Distances between neighbours of each dimension, in numbers; 0 repeats a number. */
  readonly strides: readonly number[];
}

/** Bytes of the numbers when they are gathered. */
export function gatheredBytes({ shape, bytes, isF64 }: Strided): number {
  return shape.reduce((count, length) => count * length, isF64 ? 4 : bytes);
}

/** Bytes `from` to `to` of the file. */
type Read = (from: number, to: number) => Promise<Uint8Array>;

/** Most bytes of one read, which are held beside the gathered numbers. */
const MOST_BYTES = 2 ** 22;
/** Lines that lie further apart than this share of a read are read one by one. */
const MOST_WASTE = 4;

/** The same numbers with as few dimensions as possible. */
export function coalesced({ shape, strides }: Pick<Strided, 'shape' | 'strides'>) {
  const lengths: number[] = [];
  const steps: number[] = [];
  for (const [i, length] of shape.entries()) {
    if (length === 1) continue;
    const stride = strides[i]!;
    if (steps.length > 0 && steps.at(-1) === stride * length) {
      lengths.push(lengths.pop()! * length);
      steps[steps.length - 1] = stride;
    } else {
      lengths.push(length);
      steps.push(stride);
    }
  }
  return { shape: lengths, strides: steps };
}

/** Fills `out` with the numbers from byte `from` of the tensor on. Both are at whole numbers. */
export async function gather(numbers: Strided, from: number, out: Uint8Array, read: Read): Promise<void> {
  const { shape, strides, bytes, isF64 } = numbers;
  const outBytes = isF64 ? 4 : bytes;
  const columns = shape.at(-1) ?? 1;
  const rows = shape.at(-2) ?? 1;
  const [rowStride, columnStride] = [strides.at(-2) ?? 0, strides.at(-1) ?? 0];
  let first = from / outBytes;
  const last = first + out.length / outBytes;
  for (let at = 0; first < last; ) {
    // A rectangle of one matrix: whole rows, or a part of one row.
    const matrix = Math.floor(first / (rows * columns));
    const row = Math.floor(first / columns) % rows;
    const column = first % columns;
    const isWhole = column === 0 && last - first >= columns;
    const height = isWhole ? Math.min(rows - row, Math.floor((last - first) / columns)) : 1;
    const width = isWhole ? columns : Math.min(columns - column, last - first);
    const start =
      startOf(matrix, shape.slice(0, -2), strides.slice(0, -2)) + row * rowStride + column * columnStride;
    const inRows: Lines = { start, count: height, stride: rowStride, length: width, step: columnStride };
    const inColumns: Lines = { start, count: width, stride: columnStride, length: height, step: rowStride };
    const part = out.subarray(at * outBytes, (at + height * width) * outBytes);
    // Lines go along the dimension whose numbers lie closer together.
    if (columnStride <= rowStride || height === 1) await readLines(numbers, inRows, part, [width, 1], read);
    else await readLines(numbers, inColumns, part, [1, width], read);
    first += height * width;
    at += height * width;
  }
}

/** `count` lines of `length` numbers, in numbers from the tensor's first. */
interface Lines {
  readonly start: number;
  readonly count: number;
  readonly stride: number;
  readonly length: number;
  readonly step: number;
}

/** The first number of a matrix among the leading dimensions. */
function startOf(matrix: number, shape: readonly number[], strides: readonly number[]): number {
  let start = 0;
  for (let i = shape.length - 1, rest = matrix; i >= 0; i--) {
    start += (rest % shape[i]!) * strides[i]!;
    rest = Math.floor(rest / shape[i]!);
  }
  return start;
}

/** Reads lines, as many at once as lie close together; a number of line l goes to l lineStep + i step. */
async function readLines(
  { bytes, start: base, isSwapped, isF64 }: Strided,
  { start, count, stride, length, step }: Lines,
  out: Uint8Array,
  [lineStep, numberStep]: readonly [number, number],
  read: Read,
): Promise<void> {
  const target = numbersOf(out, isF64 ? 4 : bytes, isF64);
  const most = MOST_BYTES / bytes;
  const perRead = step === 0 ? length : Math.min(length, Math.floor((most - 1) / step) + 1);
  for (let i = 0; i < length; i += perRead) {
    const some = Math.min(perRead, length - i);
    const span = (some - 1) * step + 1;
    const isClose = stride <= MOST_WASTE * span;
    const together = !isClose
      ? 1
      : stride === 0
        ? count
        : Math.max(1, Math.floor((most - span) / stride) + 1);
    for (let line = 0; line < count; line += together) {
      const lines = Math.min(together, count - line);
      const first = base + (start + line * stride + i * step) * bytes;
      const stored = await read(first, first + ((lines - 1) * stride + span) * bytes);
      const numbers = numbersOf(isSwapped ? swapped(stored, bytes) : stored, bytes, isF64);
      for (let l = 0; l < lines; l++) {
        let to = (line + l) * lineStep + i * numberStep;
        for (let k = 0, at = l * stride; k < some; k++, at += step, to += numberStep)
          target[to] = numbers[at]!;
      }
    }
  }
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/** Bytes as numbers: bits that are copied, or f64 that becomes f32. */
function numbersOf(bytes: Uint8Array, size: number, isReal: boolean): Numbers {
  const { buffer, byteOffset, length } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  if (isReal)
    return size === 8
      ? new Float64Array(buffer, byteOffset, length / 8)
      : new Float32Array(buffer, byteOffset, length / 4);
  if (size === 4) return new Uint32Array(buffer, byteOffset, length / 4);
  return size === 2
    ? new Uint16Array(buffer, byteOffset, length / 2)
    : new Uint8Array(buffer, byteOffset, length);
}

/** A copy with the bytes of each number in reverse. */
function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let i = 0; i < copy.length; i += size) {
    for (let low = i, high = i + size - 1; low < high; low++, high--) {
      [copy[low], copy[high]] = [copy[high]!, copy[low]!];
    }
  }
  return copy;
}
