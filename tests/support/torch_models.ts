import { parseConfig } from '../../src/architecture/gpt2/config.js';
import { modelParameters } from '../../src/architecture/gpt2/parameters.js';
import type { Checkpoint } from '../../src/checkpoints/checkpoint.js';
import { decode } from '../../src/dtypes/decode.js';
import { type WrittenStorage, WrittenTensor } from './torch_writer.js';

/** The config.json of a model whose tensors are small. */
export const TINY = {
  ...{ model_type: 'gpt2', n_embd: 4, n_layer: 2, n_head: 2, n_positions: 5, vocab_size: 7 },
};

/** A tensor's numbers in the order of its rows. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Numbers for each parameter of a config.json, which F16 and BF16 hold exactly, by transformers' names. */
export function tinyNumbers(json: object = TINY): Map<string, Numbers> {
  const numbers = new Map<string, Numbers>();
  let n = 0;
  for (const { name, shape } of modelParameters(parseConfig(json, 'config.json'))) {
    const count = shape.reduce((product, length) => product * length, 1);
    const values = Array.from({ length: count }, () => (((n++ * 37) % 251) - 125) / 64);
    numbers.set(name === 'lm_head.weight' ? name : `transformer.${name}`, { shape, values });
  }
  return numbers;
}

const BYTES: Readonly<Record<string, number>> = {
  ...{ FloatStorage: 4, HalfStorage: 2, BFloat16Storage: 2, DoubleStorage: 8 },
};

/** Bytes of numbers that the type holds exactly. */
export function bytesOf(values: ArrayLike<number>, type: string, isBig = false): Uint8Array<ArrayBuffer> {
  const size = BYTES[type]!;
  const bytes = new Uint8Array(size * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const f32 = new Uint32Array(Float32Array.of(value).buffer)[0]!;
    if (type === 'FloatStorage') view.setFloat32(4 * i, value, !isBig);
    else if (type === 'DoubleStorage') view.setFloat64(8 * i, value, !isBig);
    else if (type === 'BFloat16Storage') view.setUint16(2 * i, f32 >>> 16, !isBig);
    else view.setUint16(2 * i, halfOf(f32), !isBig);
  }
  return bytes;
}

/** The bits of a normal number or zero in half precision. */
function halfOf(f32: number): number {
  const exponent = (f32 >>> 23) & 0xff;
  if (exponent === 0) return 0;
  return ((f32 >>> 16) & 0x8000) | ((exponent - 112) << 10) | ((f32 >>> 13) & 0x3ff);
}

/** How the numbers of a tensor lie in their storage. */
export type Order = 'rows' | 'columns' | 'wide' | 'spread';

/** Puts tensors into storages. */
export class StorageWriter {
  readonly #type: string;
  readonly #isBig: boolean;
  readonly #isShared: boolean;
  /** The shared storage: its numbers grow, so that its bytes are made at the end. */
  readonly #numbers: number[] = [];
  readonly #shared: { -readonly [K in keyof WrittenStorage]: WrittenStorage[K] };
  #count = 0;

  /** `isShared`: all tensors are views of one storage. */
  constructor(key: string, type = 'FloatStorage', { isBig = false, isShared = false } = {}) {
    this.#type = type;
    this.#isBig = isBig;
    this.#isShared = isShared;
    this.#shared = { key, type, length: 0, bytes: new Uint8Array(0) };
  }

  tensor({ shape, values }: Numbers, order: Order = 'rows', isParameter = false): WrittenTensor {
    const strides = stridesOf(shape, order);
    const extent = shape.reduce((sum, length, i) => sum + (length - 1) * strides[i]!, 1);
    const stored = new Array<number>(extent).fill(99);
    for (const [i, value] of values.entries()) {
      let at = 0;
      for (let d = shape.length - 1, rest = i; d >= 0; rest = Math.floor(rest / shape[d]!), d--) {
        at += (rest % shape[d]!) * strides[d]!;
      }
      stored[at] = value;
    }
    if (this.#isShared) {
      const offset = this.#numbers.push(98);
      this.#numbers.push(...stored);
      this.#shared.length = this.#numbers.length;
      this.#shared.bytes = bytesOf(this.#numbers, this.#type, this.#isBig);
      return new WrittenTensor(this.#shared, offset, shape, strides, isParameter);
    }
    const storage = {
      ...{ key: `${this.#shared.key}${this.#count++}`, type: this.#type, length: extent },
      bytes: bytesOf(stored, this.#type, this.#isBig),
    };
    return new WrittenTensor(storage, 0, shape, strides, isParameter);
  }
}

function stridesOf(shape: readonly number[], order: Order): number[] {
  const after = (i: number) => shape.slice(i + 1).reduce((product, length) => product * length, 1);
  const before = (i: number) => shape.slice(0, i).reduce((product, length) => product * length, 1);
  return shape.map((_, i) => {
    if (order === 'columns') return before(i);
    if (order === 'spread') return 3 * after(i);
    return order === 'wide' && i < shape.length - 1 ? after(i) + 2 * after(i + 1) : after(i);
  });
}

/** A state dict of these numbers. */
export function stateDict(
  numbers: ReadonlyMap<string, Numbers>,
  writer = new StorageWriter(''),
  order: (name: string) => Order = () => 'rows',
): Map<string, WrittenTensor> {
  return new Map([...numbers].map(([name, each]) => [name, writer.tensor(each, order(name))]));
}

/** The weights of a checkpoint as f32, in the order of rows that parameters have, by transformers' names. */
export async function weightsOf({ source, tensors }: Pick<Checkpoint, 'source' | 'tensors'>) {
  const weights = new Map<string, Numbers>();
  for (const [name, { parameter, file, dtype, start, end }] of tensors) {
    const { shape, kind } = parameter;
    const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
    decode(dtype, await source.read(file, start, end), values);
    const [rows, columns] = shape as [number, number];
    const isFlipped = kind === 'linear' && /^h\./.test(name);
    const inOrder = isFlipped
      ? Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!)
      : [...values];
    weights.set(name === 'lm_head.weight' ? name : `transformer.${name}`, {
      shape: isFlipped ? [columns, rows] : shape,
      values: inOrder,
    });
  }
  return weights;
}
