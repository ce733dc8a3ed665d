import { closeSync, openSync, readSync } from 'node:fs';

/**
 * The tensors of a safetensors file in F32: `read(name)` gives one's numbers, `place(name)` its bytes in the file,
 * [start, end). For the bench's own files.
 */
export function openSafetensors(path) {
  const file = openSync(path, 'r');
  const bytes = (start, length) => {
    const data = Buffer.alloc(length);
    for (let at = 0; at < length; ) at += readSync(file, data, at, length - at, start + at);
    return data;
  };
  const headerLength = Number(bytes(0, 8).readBigUInt64LE());
  const header = JSON.parse(bytes(8, headerLength).toString());
  const place = (name) => header[name].data_offsets.map((offset) => 8 + headerLength + offset);
  return {
    place,
    shapes: () => Object.entries(header).map(([name, { shape }]) => [name, shape]),
    read(name) {
      const [start, end] = place(name);
      const data = bytes(start, end - start);
      return new Float32Array(data.buffer, data.byteOffset, data.length / 4);
    },
    close: () => closeSync(file),
  };
}
