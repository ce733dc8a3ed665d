import { fileURLToPath } from 'node:url';
import { readDocuments } from '../documents.mjs';
import { summary } from '../stats.mjs';
import { openEngine } from './engine.mjs';
import { takeTurns } from './turns.mjs';

const STORIES = fileURLToPath(new URL('../../texts/stories.valid.txt.gz', import.meta.url));
const TEXTS = 1000;
const LENGTH = 40;

/** Tokens a second of scoring 1,000 texts of 40 tokens in one call, with the embedded model. */
export async function measureScoring({ rounds, node, limits }) {
  const engine = await openEngine({ module: 'gpt2_wasm_embedded', build: 'relaxed', threads: 1 }, { node });
  const ids = await engine.call('encode', readDocuments(STORIES).join('\n\n'));
  const texts = Array.from({ length: TEXTS }, (_, i) => ids.slice(i * LENGTH, (i + 1) * LENGTH));
  if (texts.at(-1).length !== LENGTH) throw new Error(`the stories have ${ids.length} tokens`);
  await engine.call('score', texts.slice(0, 20));
  const sample = async () => (1000 * TEXTS * LENGTH) / (await engine.call('score', texts)).ms;
  const samples = await takeTurns([{ name: 'list', sample }], rounds, { limits, title: 'scoring' });
  await engine.end();
  return { texts: TEXTS, length: LENGTH, rate: summary(samples.list) };
}
