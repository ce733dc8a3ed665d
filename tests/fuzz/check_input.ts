import { Gpt2Error } from '../../src/base/errors.js';
import type { Target } from './target.js';

/** Reads an input. Throws if it ends with an error of another kind, or takes more memory than its size allows. */
export async function checkInput(target: Target, input: Uint8Array): Promise<void> {
  const { mostBytes = (length) => 2 ** 25 + 32 * length } = target;
  const before = process.memoryUsage().arrayBuffers;
  try {
    await target.read(input);
  } catch (error) {
    if (!(error instanceof Gpt2Error)) throw error;
    if (error.message === '' || error.message.length > 4000) {
      throw new Error(`the message has ${error.message.length} characters`, { cause: error });
    }
  }
  const taken = process.memoryUsage().arrayBuffers - before;
  if (taken > mostBytes(input.length)) throw new Error(`${taken} bytes of buffers for ${input.length} bytes`);
}
