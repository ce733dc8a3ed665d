import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Caption } from '../../src/vision/caption.js';
import { loadCaptioner, loadWorkerCaptioner } from '../../src/vision.js';
import { captionerFiles, captionerFolder, picture, withIdTokenizer } from '../support/captioners.js';
import { thrown } from '../support/thrown.js';
import { fakeWorkers } from './fake_worker.js';

const fakeWorker = fakeWorkers(test);
const LENGTH = { maxTokens: 8 };
const plain = ({ timings: _, usage: __, seed: ___, ...rest }: Caption) => rest;

const here = await loadCaptioner(withIdTokenizer('deit-gpt2'), { build: 'simd' });
const { worker } = fakeWorker();
const there = await loadWorkerCaptioner(withIdTokenizer('deit-gpt2'), { build: 'simd', worker });
test.after(() => {
  here.dispose();
  there.dispose();
});

test('a captioner in a worker gives the same as here', async () => {
  const image = picture('wide.png');
  assert.equal(there.config, here.config);
  assert.equal(there.patches, here.patches);
  assert.equal(there.pixelRanges, here.pixelRanges);
  const size = { width: 40, height: 30 };
  assert.equal(await there.seenArea(size), here.seenArea(size));
  await thrown(() => there.seenArea({ width: 0, height: 1 }), 'invalid-option');
  const pixels = await here.pixels(image);
  assert.equal(await there.pixels(image), pixels);
  assert.equal(await there.pixels(new Blob([new Uint8Array(image)])), pixels);
  assert.equal(await there.encode(pixels), await here.encode(pixels));
  assert.equal(await there.logits(pixels, [0, 5, 6]), await here.logits(pixels, [0, 5, 6]));
  const options = { ...LENGTH, attention: true, logprobs: 1 };
  const caption = await here.caption(image, options);
  assert.equal(plain(await there.caption(image, options)), plain(caption));
  assert.equal(plain(await there.caption(pixels, options)), plain(caption));
  const beams = { ...LENGTH, beams: 3, returned: 2 };
  const images = ['wide.png', 'exact.png'].map(picture);
  const captions = await here.caption(images, beams);
  assert.equal((await there.caption(images, beams)).map(plain), captions.map(plain));
  assert.ok(there.runtime.memoryBytes > 0);
  assert.equal(await there.tokenizer.encode('#!'), here.tokenizer.encode('#!'));
  assert.is(await there.tokenizer.decode(caption.tokens), caption.text);
});

test('streams of a worker come token by token, and end early', async () => {
  const image = picture('wide.png');
  const { tokens } = await here.caption(image, LENGTH);
  const ids: number[] = [];
  for await (const { id } of there.stream(image, LENGTH)) ids.push(id);
  assert.equal(ids, tokens);
  const left = there.stream(image, LENGTH);
  await left.next();
  await left.return();
  assert.equal((await left.completion).tokens, tokens.slice(0, 1));
  const signal = AbortSignal.abort();
  assert.is((await there.caption(image, { ...LENGTH, signal })).finishReason, 'aborted');
  await thrown(() => there.pixels(image, { signal }), 'aborted');
});

test('frames are captioned in a worker as here', async () => {
  const frames = ['wide.png', 'gray-tall.png'].map((name, time) => ({ time, image: picture(name) }));
  const cuesOf = async (captioner: Pick<typeof here, 'captionFrames'>) => {
    const cues = [];
    for await (const { caption: _, ...cue } of captioner.captionFrames(frames, LENGTH)) cues.push(cue);
    return cues;
  };
  assert.equal(await cuesOf(there), await cuesOf(here));
});

test('errors come from the worker, and what cannot be sent is refused', async () => {
  const image = picture('wide.png');
  await thrown(() => there.caption(image.subarray(0, 40)), 'invalid-file');
  await thrown(() => there.encode(new Float32Array(3)), 'invalid-option', 'pixels');
  await thrown(() => there.caption(image, { processors: [] }), 'invalid-option', 'processors');
  await thrown(() => there.caption(image, { maxToken: 1 } as never), 'invalid-option', 'maxTokens');
  await thrown(() => there.logits(new Float32Array(3), [97]), 'invalid-option', '97');
  const load = (options: object) => loadWorkerCaptioner(captionerFolder('vit-gpt2'), options);
  await thrown(() => load({ tokenizer: {} }), 'invalid-option', 'tokenizer is not an option');
  await thrown(() => load({ threads: 0, worker: fakeWorker().worker }), 'invalid-option', 'threads');
  await thrown(() => load({ signal: AbortSignal.abort() }), 'aborted');
});

test('loading is reported, and nothing runs after dispose', async () => {
  const reports: number[] = [];
  const captioner = await loadWorkerCaptioner(captionerFiles('vit-gpt2'), {
    ...{ build: 'simd', worker: fakeWorker().worker },
    onProgress: ({ loaded, total }) => reports.push(loaded / total),
  });
  assert.is(reports.at(-1), 1);
  await thrown(() => captioner.captionFrames([]).next(), 'not-found', 'tokenizer');
  captioner.dispose();
  await thrown(() => captioner.caption(picture('wide.png')), 'disposed');
  await thrown(() => captioner.runtime, 'disposed');
  assert.match(String(captioner), /^WorkerCaptioner .*"disposed":true/);
});

test.run();
