/** A tensor of a file that a test makes. */
export interface GivenTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** F32 by default; values of BF16 must be among those that it has. */
  readonly dtype?: 'F32' | 'BF16';
}

/** A safetensors file of tensors. */
export function safetensorsOf(tensors: Readonly<Record<string, GivenTensor>>): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { shape, values, dtype = 'F32' }]) => {
    const start = end;
    end += dtype === 'F32' ? values.byteLength : values.byteLength / 2;
    return [name, { dtype, shape, data_offsets: [start, end] }] as const;
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const parts = Object.values(tensors).map(bytesOf);
  return Buffer.concat([length, header, ...parts]);
}

function bytesOf({ values, dtype }: GivenTensor): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  // The upper half of each number.
  return dtype === 'BF16' ? bytes.filter((_, i) => i % 4 >= 2) : bytes;
}
