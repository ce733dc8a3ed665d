import { Gpt2Error } from '../../base/errors.js';
import { readExactly } from '../../files/read.js';
import type { ModelSource } from '../../files/source.js';

/** File of a training state with the texts that teachers wrote: i32 token ids, an end-of-text token after each text. */
export const TEXTS_FILE = 'teacher_texts.bin';

/** The content of the file. No text has the token `endOfText`. */
export function textBytes(texts: readonly (readonly number[])[], endOfText: number): Uint8Array<ArrayBuffer> {
  const tokens = texts.flatMap((text) => [...text, endOfText]);
  const bytes = new Uint8Array(4 * tokens.length);
  const view = new DataView(bytes.buffer);
  for (const [i, token] of tokens.entries()) view.setInt32(4 * i, token, true);
  return bytes;
}

/** The texts in a training state. Throws `invalid-file`. */
export async function readTexts(
  source: ModelSource,
  endOfText: number,
  vocabSize: number,
): Promise<number[][]> {
  const file = (await source.list()).find(({ path }) => path === TEXTS_FILE);
  const wrong = (why: string) => new Gpt2Error('invalid-file', `${TEXTS_FILE} of ${source.name} ${why}`);
  if (file === undefined) throw wrong('is missing');
  const { byteLength } = file;
  if (byteLength % 4 !== 0) throw wrong(`has ${byteLength} bytes, which are no whole tokens`);
  const bytes = await readExactly(source, TEXTS_FILE, 0, byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, byteLength);
  const texts: number[][] = [];
  let text: number[] = [];
  for (let at = 0; at < byteLength; at += 4) {
    const token = view.getInt32(at, true);
    if (token < 0 || token >= vocabSize) throw wrong(`has token ${token}; the model has ${vocabSize}`);
    if (token === endOfText) {
      texts.push(text);
      text = [];
    } else text.push(token);
  }
  if (text.length > 0) throw wrong('ends within a text');
  return texts;
}
