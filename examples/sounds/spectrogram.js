import { log2, sine } from './arithmetic.js';
import { LENGTH } from './sound.js';

/** Samples of a window, 32 ms, and from one to the next, 16 ms. */
const WINDOW = 256;
const STEP = 128;
/** Width of a spectrogram, in windows. */
export const FRAMES = LENGTH / STEP;
/** Height of a spectrogram, in bands of frequencies. */
export const BANDS = 32;
/** Power in a band that is drawn as 0, and doublings above it that are drawn as 1: numbers then have a deviation of 1. */
const SILENCE = 2e-4;
const SCALE = 3;

const HANN = Float64Array.from({ length: WINDOW }, (_, i) => 0.5 - 0.5 * sine(i / WINDOW + 0.25));
const SINES = Float64Array.from({ length: WINDOW / 2 }, (_, i) => sine(i / WINDOW));
const COSINES = Float64Array.from({ length: WINDOW / 2 }, (_, i) => sine(i / WINDOW + 0.25));
/** Edges of the bands, as indices of frequencies: equal widths below 800 Hz, above that 8 % of the frequency. */
const EDGES = [1];
while (EDGES.length < BANDS + 2) EDGES.push(EDGES.at(-1) + Math.max(2, 0.08 * EDGES.at(-1)));

/** The weights of the frequencies of each band, a triangle, from frequency `first` on. */
const WEIGHTS = Array.from({ length: BANDS }, (_, band) => {
  const [low, middle, high] = EDGES.slice(band, band + 3);
  const first = Math.ceil(low);
  const weightOf = (k) => (k < middle ? (k - low) / (middle - low) : (high - k) / (high - middle));
  return { first, weights: Array.from({ length: Math.ceil(high) - first }, (_, i) => weightOf(first + i)) };
});

/**
 * The image of a recording that the encoder sees, [1, BANDS, FRAMES], low frequencies first: the power in each band on a
 * logarithmic scale, by the short-time Fourier transform. Silence is 0.
 */
export function spectrogram(samples) {
  const pixels = new Float32Array(BANDS * FRAMES);
  const [even, odd] = [new Float64Array(WINDOW), new Float64Array(WINDOW)];
  const powers = [new Float64Array(WINDOW / 2), new Float64Array(WINDOW / 2)];
  // Two windows at once, as the real and the imaginary part of complex numbers.
  for (let frame = 0; frame < FRAMES; frame += 2) {
    const start = frame * STEP - STEP / 2;
    for (let i = 0; i < WINDOW; i++) {
      const gain = HANN[i] / 32_768;
      even[i] = gain * (samples[start + i] ?? 0);
      odd[i] = gain * (samples[start + STEP + i] ?? 0);
    }
    transform(even, odd);
    for (let k = 1; k < WINDOW / 2; k++) {
      const other = WINDOW - k;
      powers[0][k] = squares(even[k] + even[other], odd[k] - odd[other]) / 4;
      powers[1][k] = squares(odd[k] + odd[other], even[k] - even[other]) / 4;
    }
    for (let band = 0; band < BANDS; band++) {
      const at = band * FRAMES + frame;
      pixels[at] = brightness(band, powers[0]);
      pixels[at + 1] = brightness(band, powers[1]);
    }
  }
  return pixels;
}

const squares = (a, b) => a * a + b * b;

function brightness(band, powers) {
  const { first, weights } = WEIGHTS[band];
  let power = 0;
  for (let i = 0; i < weights.length; i++) power += weights[i] * powers[first + i];
  return power > SILENCE ? log2(power / SILENCE) / SCALE : 0;
}

/** The Fourier transform of `WINDOW` complex numbers, in place (Cooley and Tukey 1965). */
export function transform(real, imaginary) {
  for (let i = 1, j = 0; i < WINDOW; i++) {
    let bit = WINDOW >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
  }
  for (let size = 2; size <= WINDOW; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const turn = (k * WINDOW) / size;
      const [cosine, minusSine] = [COSINES[turn], -SINES[turn]];
      for (let a = k; a < WINDOW; a += size) {
        const b = a + size / 2;
        const re = real[b] * cosine - imaginary[b] * minusSine;
        const im = real[b] * minusSine + imaginary[b] * cosine;
        real[b] = real[a] - re;
        imaginary[b] = imaginary[a] - im;
        real[a] += re;
        imaginary[a] += im;
      }
    }
  }
}
