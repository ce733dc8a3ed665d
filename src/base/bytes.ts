import { Gpt2Error } from './errors.js';

/** Bytes in memory that is not shared: `Uint8Array<ArrayBuffer>` in a TypeScript that has it. */
export type Bytes = ReturnType<Uint8Array['slice']>;

const lengthOf = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength')!.get!;

/**
 * Whether a value is an ArrayBuffer, of this realm or another (test runners and frames have others), and not
 * shared.
 */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  try {
    lengthOf.call(value);
    return true;
  } catch {
    return false;
  }
}

const isShared = (value: unknown): value is SharedArrayBuffer =>
  Object.prototype.toString.call(value) === '[object SharedArrayBuffer]';

/**
 * The bytes of an ArrayBuffer or a view of one, of any realm; `undefined` for anything else. They are copied
 * only if their memory is shared. Throws `invalid-option` if they were moved to a worker.
 */
export function asBytes(value: unknown): Bytes | undefined {
  try {
    return viewOf(value);
  } catch (cause) {
    throw new Gpt2Error('invalid-option', 'the bytes of a file were moved to a worker before', { cause });
  }
}

function viewOf(value: unknown): Bytes | undefined {
  if (isArrayBuffer(value)) return new Uint8Array(value);
  if (isShared(value)) return new Uint8Array(value).slice();
  if (!ArrayBuffer.isView(value)) return undefined;
  const { buffer, byteOffset, byteLength } = value;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return isArrayBuffer(buffer) ? (bytes as Bytes) : bytes.slice();
}
