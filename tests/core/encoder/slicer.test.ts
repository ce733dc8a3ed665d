import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EncoderSlicer } from '../../../src/core/encoder/slicer.js';
import { SMALL_ENCODER } from '../../support/encoders.js';

const CONFIG = { ...SMALL_ENCODER, layers: 6 };
/** Embedding, attention and MLP of six layers, and the end. */
const STEPS = 14;

/** The ends of all slices of an image; a step takes `stepMs`. */
function ends(slicer: EncoderSlicer, stepMs: (step: number) => number): number[] {
  const found: number[] = [];
  for (let first = 0; first < slicer.steps; first = found.at(-1)!) {
    const end = slicer.next(first);
    assert.ok(end > first && end <= slicer.steps);
    let ms = 0;
    for (let step = first; step < end; step++) ms += stepMs(step);
    slicer.record(ms, first, end);
    found.push(end);
  }
  return found;
}

test('before a time is known, a slice is one step; then it is as many as take about 15 ms', () => {
  const slicer = new EncoderSlicer(CONFIG);
  assert.is(slicer.steps, STEPS);
  assert.is(slicer.next(0), 1);
  assert.is(ends(slicer, () => 0.001).at(-1), STEPS);
  assert.equal(
    ends(slicer, () => 0.001),
    [STEPS],
    'a small image is one slice',
  );
  assert.equal(
    ends(new EncoderSlicer(CONFIG), () => 100),
    Array.from({ length: STEPS }, (_, i) => i + 1),
  );
});

test('slices of a known rate take at most 15 ms if a step does', () => {
  const slicer = new EncoderSlicer(CONFIG);
  const attention = 4 * CONFIG.channels + 2 * 92;
  const mlp = 2 * CONFIG.innerChannels;
  const stepMs = (step: number) =>
    step === 0 || step === STEPS - 1 ? 0.2 : 0.02 * (step % 2 ? attention : mlp);
  slicer.record(stepMs(1) + stepMs(2), 1, 3);
  let first = 1;
  for (const end of [3, 5, 7, 9, 11, STEPS]) {
    assert.is(slicer.next(first), end);
    first = end;
  }
});

test.run();
