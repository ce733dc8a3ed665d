import { draw } from './draw.js';
import { captionOf } from './grammar.js';
import { randomNumbers } from './random.js';
import { randomScene } from './world.js';

/** Pictures with their captions, without end. A seed always gives the same ones. */
export function* examples(seed, heldOut = false) {
  for (const random = randomNumbers(seed); ; ) yield exampleOf(randomScene(random, heldOut));
}

/** As `examples`, but the first `count` pictures have one group, which is learned soonest. */
export function* easyFirst(count, seed) {
  const random = randomNumbers(seed);
  while (count > 0) {
    const scene = randomScene(random);
    if (scene.groups.length > 1) continue;
    count--;
    yield exampleOf(scene);
  }
  for (;;) yield exampleOf(randomScene(random));
}

function exampleOf(scene) {
  return { scene, image: draw(scene), text: captionOf(scene) };
}
