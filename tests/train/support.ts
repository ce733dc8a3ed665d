import type { DataFile, DataFormat } from '../../src/files/data_file.js';
import type { Random } from '../tokenizer/helpers.js';

/** A file in memory that gives its bytes in chunks of random sizes. */
export function memoryFile(
  name: string,
  format: DataFormat,
  content: string | Uint8Array,
  random?: Random,
): DataFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    name,
    format,
    byteLength: bytes.length,
    async *read(_signal, onRead) {
      for (let start = 0, end = 0; start < bytes.length; start = end) {
        end = Math.min(bytes.length, start + (random ? 1 + random.below(40) : bytes.length));
        onRead?.(end);
        yield bytes.slice(start, end);
      }
    },
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
