/** A tensor of a file that a test makes. */
export interface GivenTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A safetensors file of tensors in f32. */
export function safetensorsOf(tensors: Readonly<Record<string, GivenTensor>>): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { shape, values }]) => {
    const start = end;
    end += values.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [start, end] }] as const;
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const parts = Object.values(tensors).map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  return Buffer.concat([length, header, ...parts]);
}
