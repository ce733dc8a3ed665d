// One watermark with one way of sampling, by the embedded model: measure_watermark.mjs WATERMARK OPTIONS TEXTS -> a JSON
// line. WATERMARK and OPTIONS are JSON; the key of the watermark is added.
import { fileURLToPath } from 'node:url';
import { detectWatermark } from '../../../build/esm/examine.js';
import { embeddedModel, loadModel } from '../../../build/esm/index.js';
import { readDocuments } from '../documents.mjs';
import { changedWords, random } from './changed_words.mjs';

const STORIES = fileURLToPath(new URL('../../texts/stories.valid.txt.gz', import.meta.url));
const LENGTHS = [50, 100, 200];
const CHANGES = [0, 0.1, 0.3];
/** Tokens that are generated, so that enough are left after changes. */
const GENERATED = 240;
const PROMPT = 12;
const AT_ONCE = 8;
/** Keys with which each unmarked text is read: its false alarms are those of as many texts. */
const OTHER_KEYS = 20;

const [watermark, options, texts] = process.argv.slice(2).map((each) => JSON.parse(each));
const model = await loadModel(embeddedModel, { build: 'simd' });
const { tokenizer } = model;

const KEYS = { kgw: 'hashingKey', unigram: 'key', synthid: 'keys' };
const withKey = (key) => ({ ...watermark, [KEYS[watermark.kind]]: key });
const OWN = withKey(1000);

const prompts = [];
for (const document of readDocuments(STORIES)) {
  if (prompts.length * AT_ONCE >= texts) break;
  prompts.push(tokenizer.encode(document).slice(0, PROMPT));
}

/** The texts that are generated after all prompts, as token ids, and their perplexity. */
async function generated(others) {
  const ids = [];
  let [loss, count, ms] = [0, 0, 0];
  for (const [i, prompt] of prompts.entries()) {
    const all = { ...options, n: AT_ONCE, seed: i, maxTokens: GENERATED, ignoreEos: true, ...others };
    const { choices, timings } = await model.generate(prompt, {
      ...all,
      bannedTokens: model.config.eosTokenIds,
    });
    ms += timings.decodeMs;
    for (const { tokens } of choices) {
      ids.push(tokens);
      const { sum } = await model.score([...prompt, ...tokens], { from: prompt.length });
      loss -= sum;
      count += tokens.length;
    }
  }
  return { ids, perplexity: Math.exp(loss / count), tokensPerSecond: (1000 * count) / ms };
}

const marked = await generated({ watermark: OWN });
const plain = await generated({});
const words = plain.ids.flatMap((ids) => tokenizer.decode(ids).split(/\s+/)).filter((word) => word !== '');

const zOf = async (ids, length, mark) =>
  (await detectWatermark(model, ids.slice(0, length), mark, { ignoreRepeatedNgrams: true })).z;

async function unmarkedZ(length) {
  const found = [];
  for (const ids of plain.ids) {
    for (let key = 0; key < OTHER_KEYS; key++) found.push(await zOf(ids, length, withKey(key)));
  }
  return found.sort((a, b) => b - a);
}

const rows = [];
for (const length of LENGTHS) {
  const unmarked = await unmarkedZ(length);
  const threshold = unmarked[Math.floor(unmarked.length / 100)];
  const found = {};
  for (const share of CHANGES) {
    const next = random(7);
    let hits = 0;
    for (const ids of marked.ids) {
      const text =
        share === 0 ? ids : tokenizer.encode(changedWords(tokenizer.decode(ids), share, words, next));
      if ((await zOf(text, length, OWN)) > threshold) hits++;
    }
    found[share] = hits / marked.ids.length;
  }
  // z above which p is below 0.01.
  const alarms = unmarked.filter((z) => z > 2.3263478740408408).length / unmarked.length;
  rows.push({ length, threshold, found, alarms });
}
model.dispose();
console.log(
  JSON.stringify({
    rows,
    texts: marked.ids.length,
    perplexity: { marked: marked.perplexity, plain: plain.perplexity },
    tokensPerSecond: { marked: marked.tokensPerSecond, plain: plain.tokensPerSecond },
  }),
);
