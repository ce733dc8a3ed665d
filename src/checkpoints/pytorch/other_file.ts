import { Gpt2Error } from '../../base/errors.js';
import { latin1 } from '../../files/pickle/cursor.js';
import { knownBytes } from '../known_bytes.js';

/** Position of the name of the format in an archive of tar. */
const TAR_NAME = 257;

/** The error for a file that torch.save did not write, from its first bytes. */
export function otherFile(bytes: Uint8Array, where: string): Gpt2Error {
  if (bytes.length === 0) return new Gpt2Error('invalid-file', `${where} is empty`);
  if (latin1(bytes.subarray(TAR_NAME, TAR_NAME + 5)) === 'ustar') {
    return new Gpt2Error(
      'unsupported',
      `${where} is in the format of PyTorch 0.1, an archive of tar, which is not read; save it again with a later ` +
        'version: torch.save(torch.load(path), path)',
    );
  }
  const is = knownBytes(bytes);
  if (is !== undefined) return new Gpt2Error('invalid-file', `${where} is ${is}`);
  if (bytes[0] === 0x80) {
    return new Gpt2Error(
      'invalid-file',
      `${where} is a pickle, but was not written by torch.save; save the weights with ` +
        'torch.save(model.state_dict(), path)',
    );
  }
  return new Gpt2Error(
    'invalid-file',
    `${where} is no file of PyTorch: it begins with neither a ZIP archive nor a pickle`,
  );
}
