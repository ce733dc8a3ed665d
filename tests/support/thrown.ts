import * as assert from 'uvu/assert';
import { Gpt2Error, type Gpt2ErrorCode } from '../../src/base/errors.js';

/** Runs a call that must fail and returns its error; checks the class, the code and words of the message. */
export async function thrown(
  call: () => unknown,
  code: Gpt2ErrorCode,
  ...words: (string | RegExp)[]
): Promise<Gpt2Error> {
  let error: unknown;
  try {
    await call();
  } catch (caught) {
    error = caught;
  }
  assert.instance(error, Gpt2Error, `expected ${code}, got ${error}`);
  const { code: actual, message } = error as Gpt2Error;
  assert.is(actual, code, message);
  for (const word of words) assert.match(message, word);
  return error as Gpt2Error;
}
