/** Kinds of sounds, and whether they have a pitch. */
export const KINDS = {
  beep: { hasPitch: true },
  'rising chirp': { hasPitch: true },
  'falling chirp': { hasPitch: true },
  'beating tone': { hasPitch: true },
  'noise burst': { hasPitch: false },
  click: { hasPitch: false },
};
export const PITCHES = ['low', 'middle', 'high'];
export const LOUDNESSES = ['soft', 'loud'];
export const COUNTS = [1, 2, 3, 4];
const names = Object.keys(KINDS);

/**
 * Whether training never has a group: one in six combinations of kind, pitch and count, whose words it has two by two;
 * and one number of noise bursts and of clicks.
 */
export function isHeldOut({ kind, pitch, count }) {
  const index = names.indexOf(kind) + 2 * (pitch === undefined ? 0 : PITCHES.indexOf(pitch)) + count;
  return pitch === undefined ? index % 8 === 0 : index % 6 === 0;
}

/**
 * A random recording: one or two groups of like sounds, one after the other, which differ in kind, pitch or loudness.
 * `heldOut`: whether a group is one that training never has.
 */
export function randomScene(random, heldOut = false) {
  for (;;) {
    const groups = Array.from({ length: 1 + random.below(2) }, () => randomGroup(random));
    const alike = groups.some((group, i) => i > 0 && named(group) === named(groups[i - 1]));
    if (!alike && groups.some(isHeldOut) === heldOut) return { groups };
  }
}

function randomGroup(random) {
  const kind = random.pick(names);
  const pitch = KINDS[kind].hasPitch ? random.pick(PITCHES) : undefined;
  return { kind, pitch, count: random.pick(COUNTS), loudness: random.pick(LOUDNESSES) };
}

const named = ({ kind, pitch, loudness }) => `${kind} ${pitch} ${loudness}`;
