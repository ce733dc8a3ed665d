import { decodeImage, readImage } from '../../../../build/tests/images.js';

const plain = ({ width, height, rgb }) => ({ width, height, rgb: [...rgb] });
const fetched = async (path) => (await fetch(path)).arrayBuffer();

/** The pixels of files, of a picture that is drawn in all forms that a page has, and the reasons of refusals. */
export async function run({ paths, base64s, rgba, width, height, refused }) {
  const files = await Promise.all(paths.map(async (path) => plain(await decodeImage(await fetched(path)))));
  const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const others = await Promise.all(base64s.map(async (base64) => plain(await decodeImage(bytesOf(base64)))));

  const data = new ImageData(Uint8ClampedArray.from(rgba), width, height);
  const offscreen = new OffscreenCanvas(width, height);
  offscreen.getContext('2d').putImageData(data, 0, 0);
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  canvas.getContext('2d').putImageData(data, 0, 0);
  const image = new Image();
  image.src = paths[0];
  await image.decode();
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  const drawn = { data, offscreen, canvas, bitmap: await createImageBitmap(canvas), frame };
  const forms = {};
  for (const [form, drawable] of Object.entries(drawn)) forms[form] = plain(await readImage(drawable));
  frame.close();

  const reasons = [];
  for (const input of [document.createElement('video'), new Image(), bytesOf(refused)]) {
    await readImage(input).catch(({ code, message }) => reasons.push(`${code}: ${message}`));
  }
  return { files, others, forms, element: plain(await readImage(image)), reasons };
}
