/**
 * Describes two pictures with the captioner of the package in its simd build: a PNG file of a drawing that it knows, and
 * raw pixels that must be resized. Gives of each the token ids of the caption and the SHA-256 of the bits of the encoder's
 * states. Disposes the captioner.
 */
export async function describePictures(captioner, png) {
  const described = [];
  for (const image of [png, rings(101, 67)]) {
    const states = await captioner.encode(await captioner.pixels(image));
    const { tokens } = await captioner.caption(image);
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', states));
    described.push([tokens, Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')]);
  }
  captioner.dispose();
  return described;
}

/** Rings of all colours around a corner. */
function rings(width, height) {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    data[i] = (x * x + y * y) * (1 + (i % 3));
  }
  return { width, height, data };
}
