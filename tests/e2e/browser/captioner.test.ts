import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadCaptioner } from '../../../src/vision.js';
import { captionerFolder, picture } from '../../support/captioners.js';
import { CHROMIUM, Chromium, POLICY } from './chromium.js';

const captioners = suite('captioners in Chromium');
let chromium: Chromium;

captioners.before(async () => {
  chromium = await Chromium.start();
});
captioners.after(() => chromium.close());

const PICTURE = 'wide.png';
const OPTIONS = { maxTokens: 8, attention: true };

captioners('files and canvases are described in a page and in its worker with the bits of Node', async () => {
  const captioner = await loadCaptioner(captionerFolder('deit-gpt2'), { build: 'simd' });
  const { tokens, attention } = await captioner.caption(picture(PICTURE), OPTIONS);
  captioner.dispose();
  const found = await chromium.run<{
    readonly count: number;
    readonly failure: string;
    readonly tokens: readonly number[][];
    readonly attention: readonly number[][][];
  }>('captioner', { picture: PICTURE, threads: 2, options: OPTIONS }, { isolated: true });
  assert.is(found.count, 2);
  assert.is(found.failure, 'invalid-file');
  assert.equal(found.tokens, new Array(5).fill(tokens));
  const patches = attention!.map((weights) => [...weights]);
  assert.equal(found.attention, [patches, patches]);
});

captioners('a video that a page records has frames, although it names no length', async () => {
  const size = { width: 64, height: 48 };
  type Frames = readonly [time: number, width: number, height: number][];
  const frames = await chromium.run<Frames>(
    'video',
    { ...size, every: 0.125 },
    { policy: `${POLICY}; media-src blob:` },
  );
  assert.ok(frames.length > 0);
  for (const [i, frame] of frames.entries()) assert.equal(frame, [i / 8, size.width, size.height]);
});

if (CHROMIUM !== undefined) captioners.run();
