import { parseCaption } from './grammar.js';
import { RELATIONS } from './world.js';

export const KINDS = ['count', 'size', 'colour', 'shape', 'place'];

/**
 * Counts the facts of a caption: { right, all }, each with a number for each of `KINDS`. A group has a count, a
 * colour, a shape, a place and, if it is one thing, a size. Groups of the caption are compared with those of the
 * picture that give the most right facts. A fact that the caption leaves out is wrong, and so is each fact about a
 * group that the picture does not have. If the text is no caption, all facts are wrong.
 */
export function countFacts(text, { groups }) {
  const said = parseCaption(text) ?? [];
  const extra = said.length > groups.length ? said.length - groups.length : 0;
  let best;
  for (const order of permutations(groups.map((_, index) => index))) {
    const right = rightFacts(said, groups, order);
    if (best === undefined || sum(right) > sum(best)) best = right;
  }
  const all = zeros();
  for (const group of groups) for (const kind of kindsOf(group)) all[kind]++;
  for (const group of said.slice(said.length - extra)) for (const kind of kindsOf(group)) all[kind]++;
  return { right: best, all };
}

/** The facts that hold if group i of the caption is group order[i] of the picture. */
function rightFacts(said, groups, order) {
  const right = zeros();
  for (const [index, claim] of said.slice(0, groups.length).entries()) {
    const group = groups[order[index]];
    for (const kind of kindsOf(group)) {
      const holds =
        kind === 'place' ? placeHolds(claim, group, groups[order[index - 1]]) : claim[kind] === group[kind];
      if (holds) right[kind]++;
    }
  }
  return right;
}

function placeHolds({ place, relation }, group, before) {
  return relation === undefined ? place === group.place : RELATIONS[relation](group.place, before.place);
}

const kindsOf = ({ count }) => (count === 1 ? KINDS : KINDS.filter((kind) => kind !== 'size'));
const zeros = () => Object.fromEntries(KINDS.map((kind) => [kind, 0]));
const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);

function permutations(items) {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}
