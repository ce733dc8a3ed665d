import { examples } from './examples.js';
import { countFacts, FACTS } from './facts.js';

/** Recordings that are described at once. */
const AT_ONCE = 50;

/**
 * Describes recordings; `heldOut`: those with combinations that training never has. Gives { recordings, same, share,
 * facts, samples }: how many descriptions are those of the grammar, word for word; the share of facts that are right, in
 * all and by kind; and the first descriptions.
 */
export async function measure(captioner, { recordings, seed, heldOut, samples = 8 }) {
  const source = examples(seed, heldOut);
  const facts = Object.fromEntries(FACTS.map((fact) => [fact, { right: 0, all: 0 }]));
  const shown = [];
  let same = 0;
  for (let left = recordings; left > 0; left -= AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, left) }, () => source.next().value);
    const captions = await captioner.caption(batch.map(({ pixels }) => pixels));
    for (const [index, { scene, text }] of batch.entries()) {
      const caption = captions[index].text.trim();
      const { right, all } = countFacts(caption, scene);
      for (const fact of FACTS) {
        facts[fact].right += right[fact];
        facts[fact].all += all[fact];
      }
      if (caption === text) same++;
      if (shown.length < samples) shown.push({ caption, text });
    }
  }
  const counts = Object.values(facts);
  const sum = (name) => counts.reduce((total, count) => total + count[name], 0);
  for (const count of counts) count.share = count.right / count.all;
  return { recordings, same, share: sum('right') / sum('all'), facts, samples: shown };
}
