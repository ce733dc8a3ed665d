import { asBytes } from '../../base/bytes.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import { runOperation } from '../run_operation.js';

/** How bytes are decompressed. */
export interface DecompressOptions extends Work {
  /** Refuse bytes that hold more than this many; default 2^30. */
  readonly maxBytes?: number | undefined;
}

const BYTES = 'a string, an ArrayBuffer or a view of one';
const MOST_BYTES = 2 ** 30;

/**
 * Compresses a text (as UTF-8) or any bytes by arithmetic coding with the model's probabilities (Witten, Neal and
 * Cleary 1987; Deletang et al. 2024): a token takes as many bits as it surprises the model, so that the size follows
 * the text's bits per byte. Bytes that no token says are stored among the tokens. The result opens with the same
 * model in every runtime; it takes a header of about 40 bytes, and never much more room than the bytes themselves.
 *
 * All positions are evaluated together, as in scoring. Long contents are cut into up to 12 segments, which are
 * decoded side by side. Progress counts tokens. Throws `invalid-option` for a model in the relaxed build, whose bits
 * are not the same on every machine; `not-found` for a model without a tokenizer; `aborted`.
 */
export async function compress(
  model: AnyModel,
  data: string | ArrayBuffer | ArrayBufferView,
  options: Work = {},
): Promise<Uint8Array> {
  checkOptionNames('compress', options, ['signal', 'onProgress']);
  if (typeof data === 'string' && /\p{Surrogate}/u.test(data)) {
    throw invalidOption(
      'data',
      'a text with half a character (a lone surrogate)',
      'whole characters, or bytes',
    );
  }
  // A copy: bytes that changed during the work would not come back.
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : asBytes(data)?.slice();
  if (bytes === undefined) throw invalidOption('data', data, BYTES);
  return runOperation(model, 'compress', { data: bytes }, options);
}

/**
 * The bytes that `compress` was given. Tokens are decoded one after the other, those of all segments together:
 * this takes about as long as generating so many tokens. Progress counts tokens.
 *
 * Throws `invalid-file` for bytes that were changed or cut off, and for those of another model, context length,
 * build, format of weights or of keys and values, or choice of adapters: the message says which. The
 * returned bytes have the checksum of the compressed ones. Throws `invalid-option` and `aborted` too.
 */
export async function decompress(
  model: AnyModel,
  file: ArrayBuffer | ArrayBufferView,
  options: DecompressOptions = {},
): Promise<Uint8Array> {
  checkOptionNames('decompress', options, ['signal', 'onProgress', 'maxBytes']);
  const { maxBytes = MOST_BYTES, ...work } = options;
  checkNumber('maxBytes', maxBytes, whole(0));
  const bytes = asBytes(file);
  if (bytes === undefined) throw invalidOption('file', file, 'what compress gave, a Uint8Array');
  return runOperation(model, 'decompress', { file: bytes, maxBytes }, work);
}
