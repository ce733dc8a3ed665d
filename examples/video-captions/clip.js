// A clip that is drawn here: scenes of a shape that moves over a ground.

export const SIZE = { width: 96, height: 72 };
export const SECONDS_OF_SCENE = 3;

const SCENES = [
  { ground: [235, 235, 225], colour: [210, 30, 40], isInside: (x, y) => x * x + y * y < 1 },
  {
    ground: [20, 30, 60],
    colour: [250, 210, 40],
    isInside: (x, y) => Math.abs(x) < 0.8 && Math.abs(y) < 0.8,
  },
  {
    ground: [200, 225, 245],
    colour: [20, 120, 60],
    isInside: (x, y) => y < 0.8 && y > 2 * Math.abs(x) - 0.8,
  },
];

/** Frames of the clip, `rate` a second: { time, duration, image: { width, height, data } }, data in RGB. */
export function* frames(rate) {
  const count = SCENES.length * SECONDS_OF_SCENE * rate;
  for (let i = 0; i < count; i++) {
    const time = i / rate;
    const scene = SCENES[Math.floor(time / SECONDS_OF_SCENE)];
    yield { time, duration: 1 / rate, image: draw(scene, (time % SECONDS_OF_SCENE) / SECONDS_OF_SCENE) };
  }
}

/** A picture of a scene. `progress`: from 0, where it begins, to 1. */
function draw({ ground, colour, isInside }, progress) {
  const { width, height } = SIZE;
  const data = new Uint8Array(3 * width * height);
  const radius = height / 4;
  const centre = { x: width * (0.4 + 0.2 * progress), y: height / 2 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isShape = isInside((x + 0.5 - centre.x) / radius, (y + 0.5 - centre.y) / radius);
      data.set(isShape ? colour : ground, 3 * (y * width + x));
    }
  }
  return { width, height, data };
}
