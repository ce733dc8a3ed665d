import { sine } from './arithmetic.js';

/** Samples a second. */
export const RATE = 8000;
/** Samples of a recording: 2.56 seconds. */
export const LENGTH = 20_480;

/** Least and greatest frequency of a pitch, Hz. */
const FREQUENCIES = { low: [220, 340], middle: [650, 950], high: [1900, 2700] };
/** Least and greatest amplitude of a loudness; 1 is the most that a sample holds. */
const AMPLITUDES = { soft: [0.03, 0.06], loud: [0.25, 0.5] };
/** Amplitude of the hiss of each recording. */
const HISS = 0.001;
/** Seconds that a sound takes to begin and to end, so that it does not click. */
const FADE = 0.01;

/**
 * The sound of a scene, `LENGTH` samples of 16 bits. Frequencies, lengths and pauses are random; sounds of one group are
 * like each other and close together.
 */
export function synthesize({ groups }, random) {
  const out = new Float64Array(LENGTH);
  for (let i = 0; i < LENGTH; i++) out[i] = random.between(-HISS, HISS);
  let time = random.between(0.02, 0.15);
  for (const { kind, pitch, count, loudness } of groups) {
    const sound = {
      seconds: kind === 'click' ? 0.004 : random.between(0.12, 0.17),
      amplitude: random.between(...AMPLITUDES[loudness]),
      frequency: pitch === undefined ? 0 : random.between(...FREQUENCIES[pitch]),
    };
    const pause = kind === 'click' ? random.between(0.13, 0.16) : random.between(0.06, 0.08);
    for (let i = 0; i < count; i++) {
      add(out, time, sound, wave(kind, sound, random));
      time += sound.seconds + pause;
    }
    time += random.between(0.2, 0.3);
  }
  // No sum of a sound and the hiss is above 1.
  return new Int16Array(out.map((sample) => Math.round(32_767 * sample)));
}

function add(out, time, { seconds, amplitude }, sampleAt) {
  const first = Math.round(time * RATE);
  const count = Math.round(seconds * RATE);
  const fade = FADE * RATE;
  for (let i = 0; i < count && first + i < out.length; i++) {
    const gain = count < 2 * fade ? 1 : Math.min(1, (i + 1) / fade, (count - i) / fade);
    out[first + i] += amplitude * gain * sampleAt(i / RATE);
  }
}

/** The function from seconds to samples of a sound, from -1 to 1. */
function wave(kind, { seconds, frequency }, random) {
  // A chirp goes through an octave, half of it on either side of its pitch.
  const [low, high] = [frequency / 1.41, frequency * 1.41];
  const sweep = (from, to) => (t) => sine(t * (from + ((to - from) / 2) * (t / seconds)));
  switch (kind) {
    case 'beep':
      return (t) => sine(frequency * t);
    case 'rising chirp':
      return sweep(low, high);
    case 'falling chirp':
      return sweep(high, low);
    case 'beating tone': // Two tones, 20 Hz apart: they grow and fade 20 times a second.
      return (t) => (sine((frequency - 10) * t) + sine((frequency + 10) * t)) / 2;
    default: // Noise, of which a click is a moment.
      return () => random.between(-1, 1);
  }
}
