import { loadCaptioner, loadWorkerCaptioner, videoFrames } from '/build/web/vision.js';

const MODEL = '/tests/fixtures/cross/deit-gpt2/';

/** Captions of a page, of a worker, and of a canvas with the picture, and the frames of a video without data. */
export async function run({ picture, threads, options }) {
  const image = await (await fetch(`/tests/fixtures/cross/images/${picture}`)).blob();
  const settings = { build: 'simd', threads, cache: false };
  const here = await loadCaptioner(MODEL, settings);
  const caption = await here.caption(image, options);
  const bitmap = await createImageBitmap(image);
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext('2d').drawImage(bitmap, 0, 0);
  const drawn = await here.caption(canvas, options);
  const count = here.runtime.threads;
  here.dispose();
  const there = await loadWorkerCaptioner(MODEL, settings);
  const remote = await there.caption([image, canvas, bitmap], options);
  there.dispose();
  const video = document.createElement('video');
  video.src = '/tests/fixtures/cross/images/expected.json';
  let failure;
  try {
    for await (const _ of videoFrames(video));
  } catch ({ code }) {
    failure = code;
  }
  return {
    count,
    failure,
    tokens: [caption, drawn, ...remote].map(({ tokens }) => tokens),
    attention: [caption, remote[0]].map(({ attention }) => attention.map((patches) => [...patches])),
  };
}
