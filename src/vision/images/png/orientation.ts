import { Unzlib } from 'fflate/browser';
import type { Bytes } from '../../../base/bytes.js';
import { exifOrientation, xmpOrientation } from '../exif.js';
import type { PngChunk } from './chunks.js';

/** Most bytes of a text that is inflated. */
const MOST_TEXT = 2 ** 20;

/** The orientation that a chunk of EXIF data or text states, and whether it is one of EXIF data, which counts more. */
export function chunkOrientation({ type, data }: PngChunk): { exif?: number; xmp?: number } {
  if (type === 'eXIf') return found('exif', exifOrientation(data));
  const text = type === 'tEXt' || type === 'zTXt' || type === 'iTXt' ? textOf(type, data) : undefined;
  if (text === undefined) return {};
  if (text.keyword === 'XML:com.adobe.xmp') return found('xmp', xmpOrientation(text.content));
  if (text.keyword !== 'Raw profile type exif') return {};
  return found('exif', exifOrientation(fromHex(text.content)));
}

const found = (kind: 'exif' | 'xmp', orientation: number | undefined) =>
  orientation === undefined ? {} : { [kind]: orientation };

function textOf(type: string, data: Bytes): { keyword: string; content: Bytes } | undefined {
  const end = data.indexOf(0);
  if (end < 0 || end > 79) return undefined;
  const keyword = String.fromCharCode(...data.subarray(0, end));
  if (!/^(XML:com\.adobe\.xmp|Raw profile type exif)$/.test(keyword)) return undefined;
  if (type === 'tEXt') return { keyword, content: data.subarray(end + 1) };
  if (type === 'zTXt') return { keyword, content: inflated(data.subarray(end + 2)) };
  // After the keyword: whether it is compressed, the method, and two texts that end with a zero.
  const language = data.indexOf(0, end + 3);
  const content = data.subarray(data.indexOf(0, language + 1) + 1);
  return { keyword, content: data[end + 1] === 1 ? inflated(content) : content };
}

/** Inflated data, cut at MOST_TEXT; nothing of damaged data. */
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
  } catch {
    return out.subarray(0, 0);
  }
  return out.subarray(0, length);
}

/** The bytes of a raw profile: a line break, its name, its length, then hexadecimal digits in lines. */
function fromHex(profile: Bytes): Bytes {
  const lines = new TextDecoder().decode(profile).split('\n').slice(3).join('').replace(/\s/g, '');
  const bytes = new Uint8Array(lines.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(lines.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
