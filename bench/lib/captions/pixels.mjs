/** Pixels of an image, [channels, height, width] from -1 to 1: the same in every engine, others for every seed. */
export function testPixels({ num_channels, image_size }, seed) {
  const plane = image_size ** 2;
  const pixels = new Float32Array(num_channels * plane);
  for (let at = 0; at < pixels.length; at++) {
    const channel = Math.floor(at / plane);
    const y = Math.floor((at % plane) / image_size);
    const x = at % image_size;
    const slope = x * (1 + (seed % 3)) + y * (2 + channel) + 31 * seed;
    pixels[at] = ((slope & 128 ? 255 - (slope & 255) : slope & 255) - 63.5) / 63.5;
  }
  return pixels;
}
