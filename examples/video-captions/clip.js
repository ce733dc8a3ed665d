// A clip that is drawn here, as examples/captions draws its pictures: scenes whose shapes drift a little to the right.
import { draw, SIDE } from '../captions/draw.js';

export const SIZE = { width: SIDE, height: SIDE };
export const SECONDS_OF_SCENE = 2;

const circle = { count: 1, size: 'big', colour: 'red', shape: 'circle' };
const stars = { count: 3, size: 'small', colour: 'yellow', shape: 'star' };
const squares = { count: 2, size: 'small', colour: 'blue', shape: 'square' };
const triangles = { count: 4, size: 'small', colour: 'green', shape: 'triangle' };
const square = { count: 1, size: 'big', colour: 'purple', shape: 'square' };

/** Groups of shapes, each at one of nine places in reading order. A circle crosses the picture; then others come. */
export const SCENES = [
  { seed: 1, groups: [{ ...circle, place: 3 }] },
  { seed: 1, groups: [{ ...circle, place: 4 }] },
  { seed: 1, groups: [{ ...circle, place: 5 }] },
  {
    seed: 2,
    groups: [
      { ...stars, place: 0 },
      { ...squares, place: 7 },
    ],
  },
  {
    seed: 3,
    groups: [
      { ...triangles, place: 1 },
      { ...square, place: 4 },
    ],
  },
];

/** Frames of the clip, `rate` a second: { time, duration, image: { width, height, data } }, data in RGB. */
export function* frames(rate) {
  const count = SCENES.length * SECONDS_OF_SCENE * rate;
  for (let i = 0; i < count; i++) {
    const time = i / rate;
    const scene = SCENES[Math.floor(time / SECONDS_OF_SCENE)];
    const progress = (time % SECONDS_OF_SCENE) / SECONDS_OF_SCENE;
    yield { time, duration: 1 / rate, image: draw({ ...scene, drift: progress }) };
  }
}
