import { Gpt2Error } from '../../../base/errors.js';

/** The error for a JPEG file that cannot be decoded. */
export function damagedJpeg(how: string): Gpt2Error {
  return new Gpt2Error('invalid-file', `the JPEG is damaged: ${how}`);
}

/** The error for a JPEG file that ends too early. */
export function cutOffJpeg(where: string): Gpt2Error {
  return new Gpt2Error('invalid-file', `the JPEG is cut off ${where}`);
}
