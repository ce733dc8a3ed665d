import type { Target } from '../target.js';
import { text } from '../target.js';
import { changedBytes } from './bytes.js';
import { changedJson } from './json.js';
import type { RandomSource } from './random.js';
import { changedText } from './text.js';

/** A change of bytes, of a text, or of a value in JSON. */
export function changedAs(
  kind: Target['kind'],
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  random: RandomSource,
): Uint8Array {
  if (kind === 'bytes' || random.below(6) === 0) return changedBytes(input, other, words, random);
  return (kind === 'json' ? changedJson : changedText)(input, other, words, random);
}

/** A file with one change of the kind that its name asks for. */
export function changedFile(
  name: string,
  file: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  random: RandomSource,
): Uint8Array {
  if (name.endsWith('.safetensors') && random.below(2) === 0) return changedHeader(file, words, random);
  const kind = name.endsWith('.json') ? 'json' : /\.(?:txt|jinja|tiktoken)$/.test(name) ? 'text' : 'bytes';
  return changedAs(kind, file, other, words, random);
}

/** A safetensors file with a change in its header, whose length is right. */
function changedHeader(file: Uint8Array, words: readonly string[], random: RandomSource): Uint8Array {
  const start = file.length < 8 ? 0 : 8 + new DataView(file.buffer, file.byteOffset).getUint32(0, true);
  const header = file.subarray(8, start);
  const changed = changedJson(header.length === 0 ? text('{}') : header, header, words, random);
  const length = new Uint8Array(new BigUint64Array([BigInt(changed.length)]).buffer);
  return new Uint8Array(Buffer.concat([length, changed, file.subarray(start)]));
}
