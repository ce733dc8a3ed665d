import { Gpt2Error } from '../../base/errors.js';

/** A field of a protobuf message: a number, or the bytes of a text or of a message. */
export interface Field {
  /** Its number in the message's definition. */
  readonly number: number;
  /** Of a varint, the low 32 bits as a signed integer; of a fixed32, the float. */
  readonly value: number;
  /** Empty unless the field has a length. */
  readonly bytes: Uint8Array;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;
/** Most bytes of a varint of 64 bits. */
const MOST_VARINT_BYTES = 10;
const NOTHING = new Uint8Array(0);

/**
 * The fields of a message in protobuf's wire format, in their order. `what` names the message. Throws
 * `invalid-file`.
 */
export function* fields(message: Uint8Array, what: string): Generator<Field> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  const wrong = (problem: string) =>
    new Gpt2Error('invalid-file', `${what} is no protobuf message: ${problem} at byte ${at}`);
  /** The low 32 bits, without a sign. */
  const varint = () => {
    let low = 0;
    for (let count = 0; count < MOST_VARINT_BYTES; count++) {
      const byte = message[at + count];
      if (byte === undefined) throw wrong('a number is cut off');
      if (count < 5) low = (low | ((byte & 0x7f) << (7 * count))) >>> 0;
      if (byte < 0x80) {
        at += count + 1;
        return low;
      }
    }
    throw wrong('a number does not end');
  };
  while (at < message.length) {
    const tag = varint();
    const number = tag >>> 3;
    const type = tag & 7;
    if (number === 0) throw wrong('a field has no number');
    if (type === VARINT) {
      yield { number, value: varint() | 0, bytes: NOTHING };
      continue;
    }
    const known = type === LENGTH ? varint() : type === FIXED64 ? 8 : type === FIXED32 ? 4 : undefined;
    if (known === undefined) throw wrong(`field ${number} has the unknown type ${type}`);
    if (known > message.length - at) throw wrong(`field ${number} has ${known} bytes and is cut off`);
    const start = at;
    at += known;
    yield {
      number,
      value: type === FIXED32 ? view.getFloat32(start, true) : 0,
      bytes: type === LENGTH ? message.subarray(start, at) : NOTHING,
    };
  }
}
