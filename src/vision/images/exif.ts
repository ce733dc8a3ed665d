import type { Bytes } from '../../base/bytes.js';

const ORIENTATION = 0x0112;
/** Bytes of a value by its type in a TIFF directory, of whole numbers alone. */
const NUMBER_SIZES: Readonly<Record<number, 1 | 2 | 4>> = { 1: 1, 3: 2, 4: 4 };

/**
 * The orientation in EXIF data, which is a TIFF file; `undefined` if it has none or is malformed, since
 * a picture can be shown without it.
 */
export function exifOrientation(data: Bytes): number | undefined {
  // JPEG files have these letters and two zeros before the data, and some programs keep them elsewhere.
  const exif = /^Exif\0\0/.test(String.fromCharCode(...data.subarray(0, 6))) ? data.subarray(6) : data;
  if (exif.length < 8) return undefined;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const little = order === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > exif.length) return undefined;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * 12;
    if (entry + 12 > exif.length) return undefined;
    if (view.getUint16(entry, little) !== ORIENTATION) continue;
    const size = NUMBER_SIZES[view.getUint16(entry + 2, little)];
    if (size === undefined || view.getUint32(entry + 4, little) !== 1) return undefined;
    if (size === 1) return view.getUint8(entry + 8);
    return size === 2 ? view.getUint16(entry + 8, little) : view.getUint32(entry + 8, little);
  }
  return undefined;
}

/** The orientation in XMP data, as XML in UTF-8; it counts only if there is none in EXIF data. */
export function xmpOrientation(xmp: Bytes): number | undefined {
  const found = /tiff:Orientation(?:="|>)([0-9])/.exec(new TextDecoder().decode(xmp));
  return found === null ? undefined : Number(found[1]);
}
