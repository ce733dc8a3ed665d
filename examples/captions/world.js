/** Words of the pictures: what is in them, where, and how many. */
export const SHAPES = ['circle', 'square', 'triangle', 'star'];
export const COLOURS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'];
export const COUNTS = [1, 2, 3, 4];
export const SIZES = ['small', 'big'];

/** The nine places of a picture in reading order: place = 3 row + column. */
export const PLACES = [
  'at the top left',
  'at the top',
  'at the top right',
  'on the left',
  'in the centre',
  'on the right',
  'at the bottom left',
  'at the bottom',
  'at the bottom right',
];

/** Whether `place` lies in this direction from `other`, in the same row or column. */
export const RELATIONS = {
  above: (place, other) => sameColumn(place, other) && place < other,
  below: (place, other) => sameColumn(place, other) && place > other,
  'to the left': (place, other) => sameRow(place, other) && place < other,
  'to the right': (place, other) => sameRow(place, other) && place > other,
};

const sameColumn = (a, b) => a % 3 === b % 3;
const sameRow = (a, b) => Math.floor(a / 3) === Math.floor(b / 3);

/**
 * Whether training never shows so many things of this colour and shape: a sixth of the 96 combinations. Each
 * count, colour and shape, and each two of them, are in training.
 */
export function isHeldOut({ count, colour, shape }) {
  return (count + COLOURS.indexOf(colour) + 2 * SHAPES.indexOf(shape)) % 6 === 0;
}

/**
 * A picture to draw: one or two groups of equal things, each with a colour and a place of its own, in the order
 * of the colours. `heldOut`: at least one group is a combination that training never shows; otherwise none is.
 */
export function randomScene(random, heldOut = false) {
  const [colours, places] = [COLOURS.map((_, index) => index), PLACES.map((_, place) => place)];
  const chosen = Array.from({ length: random.pick([1, 2, 2]) }, () => random.takeFrom(colours));
  const groups = chosen.sort().map((colour) => randomGroup(random, COLOURS[colour], random.takeFrom(places)));
  return groups.some(isHeldOut) === heldOut
    ? { groups, seed: random.below(2 ** 32) }
    : randomScene(random, heldOut);
}

function randomGroup(random, colour, place) {
  const count = random.pick(COUNTS);
  const size = count === 1 ? random.pick(SIZES) : 'small';
  return { count, size, colour, shape: random.pick(SHAPES), place };
}
