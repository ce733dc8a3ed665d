import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EncoderSlicer } from '../../../src/core/encoder/slicer.js';
import { SMALL_ENCODER } from '../../support/encoders.js';

const CONFIG = { ...SMALL_ENCODER, layers: 6 };
/** The embedding, four of each layer, and the end. */
const STEPS = 26;

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
  const { channels, innerChannels } = CONFIG;
  const states = 92;
  // Columns that a state is multiplied with.
  const columns = [3 * channels, channels + 2 * states, innerChannels, innerChannels];
  const stepMs = (step: number) => 0.03 * columns[(step - 1) % 4]!;
  slicer.record(stepMs(1), 1, 2);
  const last = STEPS - 1;
  for (let first = 1; first < last; ) {
    const end = slicer.next(first);
    let ms = 0;
    for (let step = first; step < Math.min(end, last); step++) ms += stepMs(step);
    assert.ok(ms <= 15 && (end >= last || ms + stepMs(end) > 15), `from ${first} to ${end}: ${ms} ms`);
    assert.ok(end > first + 1, 'several steps');
    first = end;
  }
});

test.run();
