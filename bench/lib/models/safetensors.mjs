import { closeSync, openSync, readSync } from 'node:fs';

/** The tensors of a safetensors file in F32: `read(name)` gives one's numbers. For the bench's own files. */
export function openSafetensors(path) {
  const file = openSync(path, 'r');
  const bytes = (start, length) => {
    const data = Buffer.alloc(length);
    for (let at = 0; at < length; ) at += readSync(file, data, at, length - at, start + at);
    return data;
  };
  const headerLength = Number(bytes(0, 8).readBigUInt64LE());
  const header = JSON.parse(bytes(8, headerLength).toString());
  return {
    shapes: () => Object.entries(header).map(([name, { shape }]) => [name, shape]),
    read(name) {
      const [start, end] = header[name].data_offsets;
      const data = bytes(8 + headerLength + start, end - start);
      return new Float32Array(data.buffer, data.byteOffset, data.length / 4);
    },
    close: () => closeSync(file),
  };
}
