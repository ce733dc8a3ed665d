import { randomNumbers } from './random.js';

/** Width and height of a picture in pixels. */
export const SIDE = 72;
/** Width and height of one of the nine places. */
const CELL = SIDE / 3;
/** Whole numbers a pixel: all coordinates are multiples of 1/8 pixel. */
const UNIT = 8;
/** Samples of a pixel along each side. */
const SAMPLES = 4;

const RGB = {
  red: [214, 40, 40],
  orange: [240, 140, 30],
  yellow: [236, 208, 40],
  green: [40, 150, 60],
  blue: [40, 80, 200],
  purple: [135, 50, 160],
};

/** Corners of shapes in a square from -1000 to 1000, clockwise. */
const CORNERS = {
  square: [
    [-850, -850],
    [850, -850],
    [850, 850],
    [-850, 850],
  ],
  triangle: [
    [0, -950],
    [1000, 850],
    [-1000, 850],
  ],
  // Radii 1100 and 480, every 36 degrees.
  star: [
    [0, -1100],
    [282, -388],
    [1046, -340],
    [457, 148],
    [647, 890],
    [0, 480],
    [-647, 890],
    [-457, 148],
    [-1046, -340],
    [-282, -388],
  ],
};

/** Draws a scene: { width, height, data }, RGB. `drift`: pixels to the right. The same bytes in every runtime. */
export function draw({ groups, seed, drift = 0 }) {
  const random = randomNumbers(seed);
  const data = new Uint8Array(SIDE * SIDE * 3);
  const light = random.from(205, 250);
  const ground = [0, 1, 2].map(() => Math.min(255, light + random.from(-8, 8)));
  for (let i = 0; i < data.length; i++) data[i] = ground[i % 3];
  for (const group of groups) drawGroup(data, group, random, UNIT * drift);
  return { width: SIDE, height: SIDE, data };
}

/** Things of a group stand in four corners of a square around its middle, or alone near it. */
function drawGroup(data, { count, size, colour, shape, place }, random, drift) {
  const rgb = RGB[colour].map((value) => Math.max(0, Math.min(255, value + random.from(-16, 16))));
  const shift = () => random.from(-UNIT, UNIT);
  const middle = [place % 3, Math.floor(place / 3)].map((index) => (index + 0.5) * CELL * UNIT + shift());
  const radius = size === 'big' ? random.from(9 * UNIT, 10 * UNIT) : random.from(4 * UNIT, 4.5 * UNIT);
  for (const [x, y] of spots(count, random)) {
    const spread = 6 * UNIT;
    const jitter = () => (size === 'big' ? 0 : random.from(-UNIT / 4, UNIT / 4));
    fill(
      data,
      shape,
      middle[0] + drift + x * spread + jitter(),
      middle[1] + y * spread + jitter(),
      radius,
      rgb,
    );
  }
}

const SPOTS = [
  [-1, -1],
  [1, -1],
  [-1, 1],
  [1, 1],
];

function spots(count, random) {
  if (count === 1) return [[0, 0]];
  const left = [...SPOTS];
  return Array.from({ length: count }, () => random.takeFrom(left));
}

/** Paints a shape, each pixel by the share of its samples that are inside. */
function fill(data, shape, x, y, radius, rgb) {
  const reach = Math.ceil((radius * 1.2) / UNIT) + 1;
  const [column, row] = [Math.floor(x / UNIT), Math.floor(y / UNIT)];
  for (let py = Math.max(0, row - reach); py <= Math.min(SIDE - 1, row + reach); py++) {
    for (let px = Math.max(0, column - reach); px <= Math.min(SIDE - 1, column + reach); px++) {
      let inside = 0;
      for (let s = 0; s < SAMPLES * SAMPLES; s++) {
        const sx = px * UNIT + (2 * (s % SAMPLES) + 1) * (UNIT / SAMPLES / 2) - x;
        const sy = py * UNIT + (2 * Math.floor(s / SAMPLES) + 1) * (UNIT / SAMPLES / 2) - y;
        if (contains(shape, sx, sy, radius)) inside++;
      }
      const total = SAMPLES * SAMPLES;
      for (let c = 0; inside > 0 && c < 3; c++) {
        const at = (py * SIDE + px) * 3 + c;
        data[at] = Math.floor((data[at] * (total - inside) + rgb[c] * inside + total / 2) / total);
      }
    }
  }
}

function contains(shape, x, y, radius) {
  if (shape === 'circle') return x * x + y * y < radius * radius;
  const corners = CORNERS[shape];
  let isInside = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [ax, ay] = corners[i];
    const [bx, by] = corners[j];
    if (ay * radius > y * 1000 === by * radius > y * 1000) continue;
    // Whether the edge crosses this height to the left of the point. Products in place of quotients: nothing is rounded.
    const cross = (x * 1000 - ax * radius) * (by - ay) - (y * 1000 - ay * radius) * (bx - ax);
    if (cross > 0 === by > ay) isInside = !isInside;
  }
  return isInside;
}
