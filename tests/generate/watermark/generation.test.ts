import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { detectWatermark, type GreenDetection } from '../../../src/examine.js';
import { loadedModels } from '../../../src/generate/loaded_models.js';
import { type GenerateOptions, loadModel, type Model, type Watermark } from '../../../src/index.js';
import { storiesTiny } from '../../support/stories_tiny.js';

/** A model for which speculation seems to pay: `ms` is the time of a row. */
async function eager(ms: number): Promise<Model> {
  const loaded = await loadModel(storiesTiny, { build: 'simd' });
  const value = [12, 1].map((rows) => ({ ms: ms * (1 + rows / 50), rows, wanted: rows }));
  Object.defineProperty(loadedModels.get(loaded)!.core, 'batchTimes', { value });
  return loaded;
}

const model = await eager(1);
const twin = await eager(0.05);
test.after(() => {
  model.dispose();
  twin.dispose();
});

const PROMPT = 'Once upon a time there was a little girl';
const STRONG: readonly Watermark[] = [
  { kind: 'kgw', bias: 5 },
  { kind: 'kgw', bias: 8, seedingScheme: 'selfhash', contextWidth: 2 },
  { kind: 'unigram', key: 3, bias: 5 },
];

const zOf = async (tokens: readonly number[], watermark: Watermark) =>
  (await detectWatermark(model, tokens, watermark, { ignoreRepeatedNgrams: true })).z;

test('greedy texts, beams and contrastive searches are marked too', async () => {
  const ways: GenerateOptions[] = [{ temperature: 0 }, { beams: 3 }, { penaltyAlpha: 0.4, topK: 6 }];
  for (const way of ways) {
    const options: GenerateOptions = { ...way, maxTokens: 40, ignoreEos: true, bannedTokens: [0] };
    const plain = await model.generate(PROMPT, options);
    for (const watermark of STRONG) {
      const { tokens } = await model.generate(PROMPT, { ...options, watermark });
      const [marked, unmarked] = [await zOf(tokens, watermark), await zOf(plain.tokens, watermark)];
      assert.ok(marked > unmarked + 2, `${JSON.stringify({ way, watermark })}: ${marked}, ${unmarked}`);
    }
  }
});

test('a tournament marks greedy texts', async () => {
  const watermark: Watermark = { kind: 'synthid', keys: 4 };
  const { tokens } = await model.generate(PROMPT, {
    temperature: 0,
    maxTokens: 60,
    watermark,
    ignoreEos: true,
  });
  assert.ok((await zOf(tokens, watermark)) > 2);
});

test('a marked text keeps its form', async () => {
  for (const watermark of [...STRONG, { kind: 'synthid', keys: 4 } as const]) {
    const format = { regex: '( [a-z]{2,8}){12,14}\\.' };
    const options: GenerateOptions = {
      seed: 5,
      temperature: 1.2,
      topP: 1,
      maxTokens: 120,
      format,
      watermark,
    };
    const { text, tokens } = await model.generate(PROMPT, options);
    assert.match(text, /^( [a-z]{2,8}){12,14}\.$/);
    assert.ok((await zOf(tokens, watermark)) > 1, JSON.stringify(watermark));
  }
});

test('a draft model drafts with the watermark', async () => {
  for (const watermark of [...STRONG, { kind: 'synthid', keys: 4 } as const]) {
    const options: GenerateOptions = { seed: 6, temperature: 1, maxTokens: 40, ignoreEos: true, watermark };
    const plain = await model.generate(PROMPT, options);
    const { tokens, usage } = await model.generate(PROMPT, { ...options, draft: twin });
    assert.equal(tokens, plain.tokens);
    assert.ok(usage.acceptedDraftTokens > 20, `${usage.acceptedDraftTokens} of ${usage.draftTokens}`);
    assert.is(usage.acceptedDraftTokens, usage.draftTokens);
  }
});

test('sentences that are sampled again go on with the marks of those before', async () => {
  const filter = { words: ['was', 'and', 'she'], action: 'retry' as const, retries: 20 };
  for (const watermark of STRONG) {
    const options: GenerateOptions = { seed: 7, temperature: 1, maxTokens: 60, filter, watermark };
    const { tokens, filtered } = (await model.generate(PROMPT, options)).choices[0]!;
    assert.ok(filtered !== undefined);
    assert.ok((await zOf(tokens, watermark)) > 2, JSON.stringify(watermark));
  }
});

test('in a session, the text before chooses the list of the first token', async () => {
  const watermark: Watermark = { kind: 'kgw', bias: 100, seedingScheme: 'lefthash' };
  const session = model.session();
  session.append(PROMPT);
  const options: GenerateOptions = {
    seed: 1,
    maxTokens: 20,
    temperature: 1,
    topP: 1,
    ignoreEos: true,
    watermark,
  };
  const { tokens } = await session.generate(undefined, options);
  const ids = [...model.tokenizer.encode(PROMPT).slice(-1), ...tokens];
  const { flags } = (await detectWatermark(model, ids, watermark)) as GreenDetection;
  assert.equal([...flags], new Array(20).fill(1));
});

test.run();
