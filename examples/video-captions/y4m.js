// YUV4MPEG2: a video format without compression that mpv, VLC and ffmpeg play.

/** The beginning of a file. */
export const head = ({ width, height }, rate) =>
  Buffer.from(`YUV4MPEG2 W${width} H${height} F${rate}:1 Ip A1:1 C444\n`);

/** A frame of it: RGB as Y, Cb and Cr of ITU-R BT.601, one plane after the other. */
export function frame({ width, height, data }) {
  const pixels = width * height;
  const planes = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    const [red, green, blue] = data.subarray(3 * i, 3 * i + 3);
    planes[i] = 16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255;
    planes[pixels + i] = 128 + (-37.797 * red - 74.203 * green + 112 * blue) / 255;
    planes[2 * pixels + i] = 128 + (112 * red - 93.786 * green - 18.214 * blue) / 255;
  }
  return Buffer.concat([Buffer.from('FRAME\n'), planes]);
}
