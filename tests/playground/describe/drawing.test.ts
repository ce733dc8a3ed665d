import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newDrawing } from '../../../src/playground/describe/drawing.js';
import { embeddedCaptioner, loadCaptioner } from '../../../src/vision.js';

test('of 100 drawings of the page its captioner describes 95 word for word', async () => {
  const drawings = Array.from({ length: 100 }, (_, seed) => newDrawing(seed));
  const captioner = await loadCaptioner(embeddedCaptioner, { weights: 'q8', build: 'simd' });
  const captions = await captioner.caption(drawings.map(({ image }) => image));
  captioner.dispose();
  const right = captions.filter(({ text }, i) => text.trim() === drawings[i]!.text).length;
  assert.ok(right >= 95, `${right} are right`);
});

test.run();
