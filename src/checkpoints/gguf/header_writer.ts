import { BLOCK_SIZES, type TensorType } from '../../dtypes/tensor_types.js';
import { MAGIC } from './magic.js';
import { VALUE_TYPES, type ValueType } from './metadata.js';

const VERSION = 3;
/** Tensors begin at multiples of this; the default of the format. */
const ALIGNMENT = 32;

/** A key of the metadata with its value and the value's type. */
export type MetadataPair = readonly [key: string, value: TypedValue];
export type TypedValue =
  | { readonly type: 'u32' | 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly element: 'i32' | 'u8' | 'f32'; readonly values: readonly number[] }
  | { readonly element: 'string'; readonly values: readonly string[] };

/** A tensor to write; its bytes follow those of the previous one and are padded to the alignment. */
export interface TensorEntry {
  readonly name: string;
  /** Rows before columns. */
  readonly shape: readonly number[];
  readonly type: TensorType;
  readonly byteLength: number;
}

/** Bytes rounded up to the alignment. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** The bytes of a GGUF file before its first tensor. */
export function ggufHeader(
  metadata: readonly MetadataPair[],
  tensors: readonly TensorEntry[],
): Uint8Array<ArrayBuffer> {
  const out = new HeaderWriter();
  out.u32(MAGIC);
  out.u32(VERSION);
  out.u64(tensors.length);
  out.u64(metadata.length);
  for (const [key, value] of metadata) {
    out.string(key);
    writeValue(out, value);
  }
  let offset = 0;
  for (const { name, shape, type, byteLength } of tensors) {
    out.string(name);
    out.u32(shape.length);
    for (const size of [...shape].reverse()) out.u64(size);
    out.u32(BLOCK_SIZES[type].number);
    out.u64(offset);
    offset += aligned(byteLength);
  }
  return out.padded();
}

function writeValue(out: HeaderWriter, value: TypedValue): void {
  if ('values' in value) {
    out.valueType('array');
    out.valueType(value.element);
    out.u64(value.values.length);
    if (value.element === 'string') for (const text of value.values) out.string(text);
    else for (const number of value.values) out[value.element === 'i32' ? 'u32' : value.element](number);
    return;
  }
  out.valueType(value.type);
  if (value.type === 'string') out.string(value.value);
  else if (value.type === 'bool') out.u8(Number(value.value));
  else out[value.type](value.value);
}

/** Writes little-endian values one after the other. */
class HeaderWriter {
  #bytes = new Uint8Array(2 ** 16);
  #at = 0;

  u8(value: number): void {
    this.#next(1).setUint8(0, value);
  }

  /** Also for i32, whose bits are the same. */
  u32(value: number): void {
    this.#next(4).setUint32(0, value, true);
  }

  u64(value: number): void {
    this.#next(8).setBigUint64(0, BigInt(value), true);
  }

  f32(value: number): void {
    this.#next(4).setFloat32(0, value, true);
  }

  string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.u64(bytes.length);
    this.#next(bytes.length);
    this.#bytes.set(bytes, this.#at - bytes.length);
  }

  valueType(type: ValueType): void {
    this.u32(VALUE_TYPES.indexOf(type));
  }

  /** Everything written so far, padded with zeros to the alignment. */
  padded(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, aligned(this.#at));
  }

  /** Makes room for `count` more bytes. */
  #next(count: number): DataView {
    const end = this.#at + count;
    if (aligned(end) > this.#bytes.length) {
      const longer = new Uint8Array(2 * aligned(end));
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    const view = new DataView(this.#bytes.buffer, this.#at, count);
    this.#at = end;
    return view;
  }
}
