import { openEngine } from './engine.mjs';
import { stories } from './tasks.mjs';
import { compared, takeBoth } from './with_speculation.mjs';

const STORIES = 3;
const BEGINNING = 20;
const WRITTEN = 128;

/** Names of the drafters of the embedded model: the prompt and the text, or the same model in 4 bits. */
const RUNS = [
  { weights: 'f32', drafter: 'prompt lookup', options: { speculate: 'prompt' } },
  { weights: 'q8', drafter: 'prompt lookup', options: { speculate: 'prompt' } },
  { weights: 'q4', drafter: 'prompt lookup', options: { speculate: 'prompt' } },
  { weights: 'f32', drafter: 'itself in q4', draft: 'q4' },
];

/** Sampled stories of the embedded model, which have to be the same with and without speculation. */
export async function measureTold({ rounds, node }) {
  const rows = [];
  for (const { weights, drafter, options, draft } of RUNS) {
    const spec = { module: 'gpt2_wasm_embedded', build: 'relaxed', threads: 1, weights };
    const alone = await openEngine(spec, { node });
    const drafting = await openEngine({ ...spec, draft }, { node });
    const beginnings = [];
    for (const story of stories().slice(0, STORIES)) {
      beginnings.push((await alone.call('encode', story)).slice(0, BEGINNING));
    }
    const expected = await tell(alone, beginnings, {});
    const plain = () => tell(alone, beginnings, {});
    const speculating = async () => {
      const told = await tell(drafting, beginnings, options);
      if (told.tokens.join() !== expected.tokens.join()) throw new Error('the stories are other ones');
      return told;
    };
    const title = `stories of the embedded model, ${weights}, ${drafter}`;
    const { samples, drafts } = await takeBoth({ plain, speculating }, rounds, title);
    rows.push({ weights, drafter, ...compared(samples), ...drafts });
    await alone.end();
    await drafting.end();
  }
  return rows;
}

/** Continues each beginning with its own seed: all tokens, their rate, and the drafts of all. */
async function tell(engine, beginnings, options) {
  const told = [];
  for (const [seed, ids] of beginnings.entries()) {
    told.push(await engine.call('write', { ids, count: WRITTEN, options: { seed, ...options } }));
  }
  const sum = (of) => told.reduce((total, story) => total + of(story), 0);
  const tokens = told.flatMap((story) => story.tokens);
  return {
    tokens,
    rate: tokens.length / sum((story) => story.tokens.length / story.rate),
    draftTokens: sum((story) => story.draftTokens),
    acceptedDraftTokens: sum((story) => story.acceptedDraftTokens),
  };
}
