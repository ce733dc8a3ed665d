import { examples } from './examples.js';
import { countFacts, KINDS } from './facts.js';

/** Pictures that are captioned at once. */
const AT_ONCE = 50;

/**
 * Captions held-out pictures. Gives { pictures, same, share, kinds, samples }: how many captions are those of the
 * grammar, word for word; the share of facts that are right, in all and by kind; and the first captions.
 */
export async function measure(captioner, { pictures, seed, samples = 8 }) {
  const heldOut = examples(seed, true);
  const kinds = Object.fromEntries(KINDS.map((kind) => [kind, { right: 0, all: 0 }]));
  const shown = [];
  let same = 0;
  for (let left = pictures; left > 0; left -= AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, left) }, () => heldOut.next().value);
    const captions = await captioner.caption(batch.map(({ image }) => image));
    for (const [index, { scene, text }] of batch.entries()) {
      const caption = captions[index].text.trim();
      const { right, all } = countFacts(caption, scene);
      for (const kind of KINDS) {
        kinds[kind].right += right[kind];
        kinds[kind].all += all[kind];
      }
      if (caption === text) same++;
      if (shown.length < samples) shown.push({ caption, text });
    }
  }
  const counts = Object.values(kinds);
  const sum = (name) => counts.reduce((total, count) => total + count[name], 0);
  for (const count of counts) count.share = count.right / count.all;
  return { pictures, same, share: sum('right') / sum('all'), kinds, samples: shown };
}
