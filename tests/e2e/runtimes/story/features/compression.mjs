import { hex, mustEqual, unhex } from '../values.mjs';

/**
 * A text, and bytes that are no text, compressed and restored, also by what another runtime has made of them
 * (`given.compressed`). The relaxed build compresses nothing.
 */
export async function compression({ model, draw, examine, given, keep }) {
  if (model.runtime.build !== 'simd') return undefined;
  const noText = Array.from({ length: 12 }, () => draw.below(256));
  const bytes = new Uint8Array([...new TextEncoder().encode(draw.text(12)), ...noText]);
  const file = await examine.compress(model, bytes);
  keep('compressed', hex(file));
  mustEqual('restored', hex(await examine.decompress(model, file)), hex(bytes));
  if (given.compressed) {
    const restored = await examine.decompress(model, unhex(given.compressed));
    mustEqual("restored from another runtime's file", hex(restored), hex(bytes));
  }
  return hex(file);
}
