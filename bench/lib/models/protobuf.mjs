/** The four kinds of protobuf fields that ONNX files need; each gives a list of buffers. */

function varint(value) {
  const bytes = [];
  let left = BigInt.asUintN(64, BigInt(value));
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  bytes.push(Number(left));
  return Buffer.from(bytes);
}

export const integer = (field, value) => [varint(field << 3), varint(value)];

export function float(field, value) {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return [varint((field << 3) | 5), bytes];
}

/** Bytes or text. */
export function bytes(field, value) {
  const data = typeof value === 'string' ? Buffer.from(value) : bufferOf(value);
  return [varint((field << 3) | 2), varint(data.length), data];
}

/** A message within a message: the fields it holds. */
export function message(field, ...fields) {
  const content = fields.flat();
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return [varint((field << 3) | 2), varint(length), ...content];
}

const bufferOf = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
