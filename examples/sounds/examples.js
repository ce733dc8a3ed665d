import { randomNumbers } from './arithmetic.js';
import { captionOf } from './grammar.js';
import { synthesize } from './sound.js';
import { spectrogram } from './spectrogram.js';
import { randomScene } from './world.js';

/** Recordings, their spectrograms and what is heard in them, without end. A seed always gives the same ones. */
export function* examples(seed, heldOut = false) {
  for (const random = randomNumbers(seed); ; ) yield exampleOf(randomScene(random, heldOut), random);
}

/** As `examples`, but the first `count` recordings have one group, which is learned soonest. */
export function* easyFirst(count, seed) {
  const random = randomNumbers(seed);
  while (count > 0) {
    const scene = randomScene(random);
    if (scene.groups.length > 1) continue;
    count--;
    yield exampleOf(scene, random);
  }
  for (;;) yield exampleOf(randomScene(random), random);
}

function exampleOf(scene, random) {
  const samples = synthesize(scene, random);
  return { scene, samples, pixels: spectrogram(samples), text: captionOf(scene) };
}
