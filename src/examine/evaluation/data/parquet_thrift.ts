/** Types of fields in Thrift's compact protocol that Parquet uses. */
const [BOOLEANS, BYTE, INTEGERS, DOUBLE, BINARY, LIST, STRUCT] = [[1, 2], 3, [4, 5, 6], 7, 8, 9, 12] as const;
/** Most bytes of an integer: hyparquet reads longer ones in quadratic time. */
const LONGEST_INTEGER = 10;
/** Deepest nesting of structs and lists; Parquet's own have fewer than ten levels. */
const DEEPEST = 32;

/**
 * Checks a struct that begins at `offset`, before hyparquet reads it: the reader reserves room for as many items of a list as a
 * damaged file claims. Throws a TypeError if a list claims more items than there are bytes, if an integer is longer than 10
 * bytes, and if structs are nested more than 32 deep; a RangeError if the struct is cut.
 */
export function checkThrift(view: DataView, offset: number): void {
  let at = offset;
  struct(0);

  function struct(depth: number): void {
    checkDepth(depth);
    for (let byte = view.getUint8(at++); (byte & 15) !== 0; byte = view.getUint8(at++)) {
      if (byte >> 4 === 0) integer();
      field(byte & 15, depth);
    }
  }

  function field(type: number, depth: number): void {
    if (type === BYTE) at += 1;
    else if (INTEGERS.some((each) => each === type)) integer();
    else if (type === DOUBLE) at += 8;
    else if (type === BINARY) bytes();
    else if (type === LIST) list(depth + 1);
    else if (type === STRUCT) struct(depth + 1);
  }

  // The length is read first: `at +=` would take the place before it.
  function bytes(): void {
    const size = integer();
    at += size;
  }

  function list(depth: number): void {
    checkDepth(depth);
    const byte = view.getUint8(at++);
    const size = byte >> 4 === 15 ? integer() : byte >> 4;
    if (size > view.byteLength - at)
      throw new TypeError(`a list of ${view.byteLength - at} bytes claims ${size} items`);
    const type = byte & 15;
    for (let i = 0; i < size; i++) field(BOOLEANS.some((each) => each === type) ? BYTE : type, depth);
  }

  function integer(): number {
    let value = 0;
    for (let i = 0; i < LONGEST_INTEGER; i++) {
      const byte = view.getUint8(at++);
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return value;
    }
    throw new TypeError(`an integer has more than ${LONGEST_INTEGER} bytes`);
  }
}

function checkDepth(depth: number): void {
  if (depth > DEEPEST) throw new TypeError(`its fields are nested more than ${DEEPEST} deep`);
}
