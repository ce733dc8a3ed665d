import { Gpt2Error } from '../../base/errors.js';
import { knownBytes } from '../known_bytes.js';
import { MAGIC } from './magic.js';

/** The error for a file that is not GGUF, from its first bytes. */
export function otherFile(bytes: Uint8Array, where: string): Gpt2Error {
  const is = knownBytes(bytes);
  if (is !== undefined) return new Gpt2Error('invalid-file', `${where}: is ${is}`);
  const [found, right] = [new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true), MAGIC].map(
    (magic) => magic.toString(16).padStart(8, '0'),
  );
  return new Gpt2Error(
    'invalid-file',
    `${where}: is no GGUF file: it begins with 0x${found} in place of 0x${right}`,
  );
}
