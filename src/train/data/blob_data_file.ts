import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { isBlob } from '../../base/realms.js';
import { blobError } from '../../files/blob_source.js';
import { type DataFile, dataFormat } from '../../files/data_file.js';

/**
 * A file of a page as training data: a chosen or dropped file, or `new File([text], 'pasted.txt')`. As in
 * Node, files whose names end with .jsonl or .ndjson are JSON lines, and those that end with .gz are
 * decompressed while they are read.
 */
export function blobDataFile(file: File): DataFile {
  if (!isBlob(file) || typeof file.name !== 'string') throw invalidOption('file', file, 'a File');
  const { name, size } = file;
  return { name, format: dataFormat(name), byteLength: size, read: (...args) => readChunks(file, ...args) };
}

async function* readChunks(
  file: File,
  signal?: AbortSignal,
  onRead?: (position: number) => void,
): AsyncGenerator<Uint8Array> {
  let position = 0;
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      position += chunk.length;
      controller.enqueue(chunk);
    },
  });
  const stored = file.stream().pipeThrough(count);
  const isPacked = /\.gz$/i.test(file.name);
  const reader = (isPacked ? stored.pipeThrough(new DecompressionStream('gzip')) : stored).getReader();
  try {
    for (;;) {
      throwIfAborted(signal, `reading ${file.name}`);
      const { done, value } = await reader.read();
      if (done) return;
      onRead?.(position);
      yield value;
    }
  } catch (error) {
    if (error instanceof Gpt2Error) throw error;
    // Reading a file that was removed or locked throws a DOMException.
    if (!isPacked || error instanceof DOMException) throw blobError(error, file.name);
    const { message } = error as Error;
    throw new Gpt2Error('invalid-file', `${file.name} cannot be decompressed: ${message}`, { cause: error });
  } finally {
    await reader.cancel().catch(() => {});
  }
}
