import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LogitsContext } from '../../../src/generate/processors/logits_processor.js';
import { ModelDraft } from '../../../src/generate/speculation/model_draft.js';
import { FakeCore } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { literalTokens } from '../../support/literal_generation.js';
import { resolveAll } from '../../support/resolve_all.js';

const LIMITS = { most: 4, drawn: 0, masks: [] };

/** A drafting core, and a speculator for a core whose rows are free and cost `batchMs` alone. */
function open(options: object, batchMs = 1) {
  const core = new FakeCore();
  core.batchMs = () => batchMs;
  const drafting = new FakeCore();
  drafting.batchMs = () => 0.01;
  const resolved = resolveAll(options, core.config);
  return {
    core,
    drafting,
    speculator: new ModelDraft(core, { core: drafting, tokenizer: fakeTokenizer }, resolved, 0),
  };
}

test("drafts are what the draft model itself draws with the completion's random numbers", async () => {
  const options = { seed: 7, temperature: 1.2, topP: 0.9, repetitionPenalty: 1.4, noRepeatNgram: 2 };
  const { drafting, speculator } = open({ ...options, bannedTokens: [0] });
  const prompt = [5, 6, 7];
  const expected = literalTokens(drafting, prompt, { ...options, bannedTokens: [0], maxTokens: 8 });
  assert.equal(await speculator.draft(prompt, LIMITS), expected.slice(0, 4));
  const text = [...prompt, ...expected.slice(0, 4)];
  speculator.learn(expected.slice(0, 4), expected.slice(0, 4));
  assert.equal(await speculator.draft(text, { ...LIMITS, drawn: 4 }), expected.slice(4));
  speculator.release();
  assert.is(drafting.pool.counts.used, 0);
});

test('drafts follow rare samplers, and processors that count the tokens of the completion', async () => {
  const processors = [
    {
      apply(logits: Float32Array, { prompt, tokens }: LogitsContext) {
        logits[prompt.length + tokens.length] = 40;
      },
    },
  ];
  const xtc = { xtcProbability: 0.6, xtcThreshold: 0.01, dryMultiplier: 2 };
  for (const rare of [{ ...xtc }, { processors }, { typicalP: 0.6, frequencyPenalty: 2 }]) {
    const options = { seed: 9, temperature: 1.3, bannedTokens: [0], ...rare };
    const { drafting, speculator } = open(options);
    const prompt = [5, 6, 7];
    const expected = literalTokens(drafting, prompt, { ...options, maxTokens: 16 });
    for (let drawn = 0; drawn < 16; drawn += 4) {
      const text = [...prompt, ...expected.slice(0, drawn)];
      const drafts = await speculator.draft(text, { ...LIMITS, drawn });
      assert.equal(drafts, expected.slice(drawn, drawn + 4), `${Object.keys(rare)} after ${drawn}`);
      speculator.learn(drafts, drafts);
    }
  }
});

test('a text at the end of the draft model’s context gets fewer drafts, then none', async () => {
  const { speculator, drafting } = open({ seed: 1 });
  const { contextLength } = drafting.config;
  const text = (length: number) => Array.from({ length }, (_, i) => 1 + (i % 40));
  assert.is((await speculator.draft(text(contextLength - 1), LIMITS)).length, 2);
  assert.is((await speculator.draft(text(contextLength + 1), LIMITS)).length, 0);
});

test('drafts that are always wrong are given up, and tried again ever more seldom', async () => {
  const { speculator, core, drafting } = open({ temperature: 0 });
  core.batchMs = (rows) => 1 + rows / 4;
  drafting.batchMs = () => 0.1;
  const tried: number[] = [];
  for (let i = 0; i < 600; i++) {
    const drafts = await speculator.draft([1, 2, 3], LIMITS);
    if (drafts.length > 0) tried.push(i);
    speculator.learn([63], drafts);
  }
  const late = tried.filter((i) => i > 30);
  assert.ok(tried.length - late.length < 15, `${tried}`);
  assert.ok(late.length > 1 && late.length < 6, `${tried}`);
});

test('a draft model that is as slow as the model is not used', async () => {
  const { speculator, drafting } = open({ temperature: 0 });
  drafting.batchMs = () => 2;
  for (let i = 0; i < 200; i++) assert.equal(await speculator.draft([1, 2, 3], LIMITS), []);
  assert.is(drafting.batches.length, 0);
});

test.run();
