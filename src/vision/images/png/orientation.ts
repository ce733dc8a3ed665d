import { Unzlib } from 'fflate/browser';
import type { Bytes } from '../../../base/bytes.js';
import { memoryError } from '../../../base/memory_error.js';
import { exifOrientation, xmpOrientation } from '../exif.js';
import type { PngChunk } from './chunks.js';

/** Most bytes of a text that is inflated. */
const MOST_TEXT = 2 ** 20;

const XMP = 'XML:com.adobe.xmp';
/** EXIF data in hexadecimal digits, as ImageMagick wrote it before PNG had a chunk for it. */
const RAW_PROFILE = 'Raw profile type exif';

/** The orientation that chunks of EXIF data and of text state; `undefined` if none does. */
export function pngOrientation(chunks: readonly PngChunk[]): number | undefined {
  const last = (isIt: (chunk: PngChunk) => boolean) => chunks.findLast(isIt);
  const exif = last(({ type }) => type === 'eXIf');
  const profile = last((chunk) => keywordOf(chunk) === RAW_PROFILE);
  const data = exif?.data ?? (profile && fromHex(textOf(profile)));
  const orientation = data && exifOrientation(data);
  if (orientation !== undefined) return orientation;
  const xmp = last((chunk) => keywordOf(chunk) === XMP);
  return xmp && xmpOrientation(textOf(xmp));
}

/** The keyword of a text; empty for other chunks. */
function keywordOf({ type, data }: PngChunk): string {
  if (!/^(tEXt|zTXt|iTXt)$/.test(type)) return '';
  return String.fromCharCode(...data.subarray(0, Math.min(data.indexOf(0) + 1, 80))).slice(0, -1);
}

/** The content of a text, inflated. */
function textOf({ type, data }: PngChunk): Bytes {
  const end = data.indexOf(0);
  if (type === 'tEXt') return data.subarray(end + 1);
  if (type === 'zTXt') return inflated(data.subarray(end + 2));
  // After the keyword: whether it is compressed, the method, and two texts that end with a zero.
  const language = data.indexOf(0, end + 3);
  const content = data.subarray(data.indexOf(0, language + 1) + 1);
  return data[end + 1] === 1 ? inflated(content) : content;
}

/** Inflated data, cut at MOST_TEXT; of damaged data as much as can be read. */
function inflated(data: Bytes): Bytes {
  const out = new Uint8Array(MOST_TEXT);
  let length = 0;
  const inflate = new Unzlib((part) => {
    const room = out.length - length;
    out.set(part.subarray(0, room), length);
    length += Math.min(part.length, room);
  });
  try {
    for (let at = 0; at < data.length && length < MOST_TEXT; at += 1024) {
      inflate.push(data.subarray(at, at + 1024));
    }
  } catch (error) {
    // A picture can be shown without its text, but not because there was no memory to read it.
    if (memoryError(error) !== error) throw error;
  }
  return out.subarray(0, length);
}

/** The bytes of a raw profile: a line break, its name, its length, then hexadecimal digits in lines. */
function fromHex(profile: Bytes): Bytes {
  const digits = new TextDecoder().decode(profile).split('\n').slice(3).join('').replace(/\s/g, '');
  const bytes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
