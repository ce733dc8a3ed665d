import { Gpt2Error } from '../../src/base/errors.js';
import { bytesTaken } from './memory.js';
import type { Target } from './target.js';

/**
 * Reads an input and returns the bytes of memory that it took. Throws if it ends with an error of another kind, or takes
 * more memory than its size allows.
 */
export async function checkInput(target: Target, input: Uint8Array): Promise<number> {
  const { mostBytes = (length) => 2 ** 25 + 32 * length } = target;
  const before = bytesTaken();
  try {
    await target.read(input);
  } catch (error) {
    if (!(error instanceof Gpt2Error)) throw error;
    if (error.message === '' || error.message.length > 4000) {
      throw new Error(`the message has ${error.message.length} characters`, { cause: error });
    }
  }
  const taken = Math.max(0, bytesTaken() - before);
  if (taken > mostBytes(input.length)) throw new Error(`${taken} bytes for ${input.length} bytes`);
  return taken;
}
