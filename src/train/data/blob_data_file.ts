import { Gpt2Error, throwIfAborted } from '../../errors.js';
import { type DataFile, dataFormat } from './data_file.js';

/** Training data that a page has at hand: a chosen or dropped file, or `new File([text], 'pasted.txt')`. */
export function blobDataFile(file: File): DataFile {
  const { name, size } = file;
  return { name, format: dataFormat(name), byteLength: size, read: (...args) => chunks(file, ...args) };
}

async function* chunks(
  file: File,
  signal?: AbortSignal,
  onRead?: (position: number) => void,
): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  let position = 0;
  try {
    for (;;) {
      throwIfAborted(signal, `reading ${file.name}`);
      const { done, value } = await reader.read();
      if (done) return;
      position += value.length;
      onRead?.(position);
      yield value;
    }
  } catch (error) {
    if (error instanceof Gpt2Error) throw error;
    const why = (error as Error).message;
    throw new Gpt2Error('not-found', `${file.name} cannot be read: ${why}`, { cause: error });
  } finally {
    await reader.cancel().catch(() => {});
  }
}
