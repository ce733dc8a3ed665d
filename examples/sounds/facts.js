import { parseCaption } from './grammar.js';
import { KINDS } from './world.js';

export const FACTS = ['kind', 'pitch', 'count', 'loudness', 'order'];

/**
 * Counts the facts of a caption: { right, all }, each with a number for each of `FACTS`. A group of sounds has a kind, a
 * count, a loudness, a place in the order and, unless it is noise or clicks, a pitch. Groups of the caption are compared
 * with those of the recording that give the most right facts. All facts are wrong of a group that the caption leaves
 * out or adds, and of a text that is no caption.
 */
export function countFacts(text, { groups }) {
  const said = parseCaption(text) ?? [];
  let best;
  for (const order of permutations([...Array(Math.max(said.length, groups.length)).keys()])) {
    const found = compared(
      order.map((index) => said[index]),
      groups,
      order,
    );
    if (best === undefined || sum(found.right) > sum(best.right)) best = found;
  }
  return best;
}

/** Facts if what is said in place order[i] is about group i. */
function compared(said, groups, order) {
  const right = zeros();
  const all = zeros();
  for (const [i, claim] of said.entries()) {
    const group = groups[i];
    for (const fact of factsOf(group ?? claim)) {
      all[fact]++;
      if (group === undefined || claim === undefined) continue;
      if (fact === 'order' ? order[i] === i : claim[fact] === group[fact]) right[fact]++;
    }
  }
  return { right, all };
}

const factsOf = (group) =>
  group === undefined ? [] : FACTS.filter((fact) => fact !== 'pitch' || KINDS[group.kind].hasPitch);
const zeros = () => Object.fromEntries(FACTS.map((fact) => [fact, 0]));
const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);

function permutations(items) {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}
