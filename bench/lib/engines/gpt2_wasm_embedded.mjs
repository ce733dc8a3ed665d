import { embeddedModel, loadModel } from '../../../build/esm/index.js';
import { write } from './write.mjs';

/** The embedded model of stories. With `draft`, a second copy of it in that weight format drafts tokens. */
export async function load({ build, threads, weights, draft }) {
  const model = await loadModel(embeddedModel, { build, threads, ...(weights && { weights }) });
  const drafter = draft && (await loadModel(embeddedModel, { build, threads, weights: draft }));
  return {
    encode: (text) => [...model.tokenizer.encode(text)],

    /** Scores texts, given as ids: milliseconds. */
    async score(texts) {
      const start = performance.now();
      await model.score(texts);
      return { ms: performance.now() - start };
    },

    write: ({ options, ...work }) =>
      write(model, { ...work, options: { ...options, ...(drafter && { draft: drafter }) } }),
  };
}
