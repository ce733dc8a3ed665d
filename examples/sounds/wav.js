import { LENGTH, RATE } from './sound.js';

const HEADER = 44;

/** A WAV file of samples of 16 bits, `RATE` a second, on one channel. */
export function writeWav(samples) {
  const file = Buffer.alloc(HEADER + 2 * samples.length);
  file.write('RIFF\0\0\0\0WAVEfmt ', 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(2 * RATE, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(2 * samples.length, 40);
  for (const [i, sample] of samples.entries()) file.writeInt16LE(sample, HEADER + 2 * i);
  return file;
}

/**
 * The first `LENGTH` samples, `RATE` a second, of a WAV file: PCM of 16 bits, of any rate and number of channels. What a
 * shorter file lacks is silence. Throws an `Error` for other files.
 */
export function readWav(file) {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error('it is not a WAV file');
  }
  let format;
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString('latin1', at, at + 4);
    const body = file.subarray(at + 8, at + 8 + file.readUInt32LE(at + 4));
    if (name === 'fmt ') format = readFormat(body);
    if (name === 'data' && format !== undefined) return resample(body, format);
    at += 8 + file.readUInt32LE(at + 4) + (body.length % 2);
  }
  throw new Error('it has no samples');
}

function readFormat(body) {
  const [kind, channels] = body.length < 16 ? [] : [body.readUInt16LE(0), body.readUInt16LE(2)];
  // Kind 0xfffe has the same samples, and more about the channels.
  if ((kind === 1 || kind === 0xfffe) && body.readUInt16LE(14) === 16) {
    const rate = body.readUInt32LE(4);
    if (channels > 0 && rate > 0) return { channels, rate };
  }
  throw new Error('its samples are not PCM of 16 bits');
}

/** Each sample is the mean of those of the file that fall into its time, or the nearest one. */
function resample(body, { channels, rate }) {
  const frames = Math.floor(body.length / (2 * channels));
  const mean = (from, to) => {
    let sum = 0;
    for (let i = from * channels; i < to * channels; i++) sum += body.readInt16LE(2 * i);
    return sum / ((to - from) * channels);
  };
  return Int16Array.from({ length: LENGTH }, (_, i) => {
    const from = Math.floor((i * rate) / RATE);
    const to = Math.min(frames, Math.max(from + 1, Math.floor(((i + 1) * rate) / RATE)));
    return from < to ? Math.round(mean(from, to)) : 0;
  });
}
