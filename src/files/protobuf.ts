import { Gpt2Error } from '../base/errors.js';
import { readVarint } from './varint.js';

/** A field of a protobuf message. */
export interface Field {
  /** Its number in the message's definition. */
  readonly number: number;
  /** Of a varint; 0 for all others. Above 2^53, as negative numbers are, the nearest double. */
  readonly value: number;
  /** All bytes of a fixed number, a text or a message; empty for a varint. */
  readonly bytes: Uint8Array;
}

/** Bytes of numbers of fixed length, by wire type. */
const FIXED: Readonly<Record<number, number>> = { 1: 8, 5: 4 };
const NOTHING = new Uint8Array(0);

/**
 * The fields of a message in protobuf's wire format, in their order. `what` names the message. Throws
 * `invalid-file`.
 *
 * Format: https://protobuf.dev/programming-guides/encoding
 */
export function* protobufFields(message: Uint8Array, what: string): Generator<Field> {
  let at = 0;
  const next = () => {
    const { value, end } = readVarint(message, at, what);
    at = end;
    return value;
  };
  while (at < message.length) {
    const tag = next();
    const number = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === 0) {
      yield { number, value: next(), bytes: NOTHING };
      continue;
    }
    const length = type === 2 ? next() : FIXED[type];
    if (length === undefined || length > message.length - at) {
      throw new Gpt2Error(
        'invalid-file',
        `${what} is damaged: field ${number} of type ${type} at byte ${at}`,
      );
    }
    yield { number, value: 0, bytes: message.subarray(at, at + length) };
    at += length;
  }
}
