import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Source } from '../../../src/files/source_options.js';
import type { Frame } from '../../../src/vision/frames/frame.js';
import { type ImageFramesOptions, imageFrames } from '../../../src/vision/frames/image_frames.js';
import { naturalOrder } from '../../../src/vision/frames/natural_order.js';
import { inFolder } from '../../support/in_folder.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';

async function framesOf(source: Source, options: ImageFramesOptions = {}) {
  const frames: Frame[] = [];
  for await (const frame of imageFrames(source, options)) frames.push(frame);
  return frames;
}

const text = ({ image }: Frame) => new TextDecoder().decode(image as Uint8Array);

const FILES = {
  ...{ 'frame-10.png': 'ten', 'frame-9.PNG': 'nine', 'frame-9b.jpeg': 'nine b', 'frame-009.webp': '009' },
  ...{ 'notes.txt': '', 'below/frame-1.png': 'below', '.png': 'nameless' },
};

test('the images of a folder are frames in the order of their numbers', async () => {
  const expected = ['nine', '009', 'nine b', 'ten'];
  const inMemory = await framesOf(memorySource('frames', FILES), { rate: 4 });
  assert.equal(inMemory.map(text), expected);
  assert.equal(
    inMemory.map(({ time, duration }) => [time, duration]),
    [
      [0, 0.25],
      [0.25, 0.25],
      [0.5, 0.25],
      [0.75, 0.25],
    ],
  );
  await inFolder(FILES, async (folder) => assert.equal((await framesOf(folder)).map(text), expected));
});

test('names are ordered as people do', () => {
  const names = ['1', '01', '2', '10', '9007199254740993', '9007199254740992', 'a', 'a1', 'a01b', 'a1c', ''];
  assert.equal(names.slice().sort(naturalOrder), [
    ...['', '01', '1', '2', '10', '9007199254740992', '9007199254740993'],
    ...['a', 'a1', 'a01b', 'a1c'],
  ]);
});

test('a folder without images, an address and a wrong rate are refused', async () => {
  await thrown(() => framesOf(memorySource('empty', { 'a.txt': '' })), 'not-found', 'empty has no images');
  await thrown(() => framesOf('http://127.0.0.1:9/frames/'), 'invalid-option', 'not from a URL');
  await thrown(() => framesOf(memorySource('frames', FILES), { rate: 0 }), 'invalid-option', 'rate is 0');
  const signal = AbortSignal.abort();
  await thrown(() => framesOf(memorySource('frames', FILES), { signal }), 'aborted');
});

test.run();
