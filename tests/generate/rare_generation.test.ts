import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadedModels } from '../../src/generate/loaded_models.js';
import type { GenerateOptions } from '../../src/generate/options.js';
import { Session } from '../../src/generate/session.js';
import { FakeCore } from '../support/fake_core.js';
import { fakeTokenizer } from '../support/fake_tokenizer.js';
import { literalTokens } from '../support/literal_generation.js';
import { mix } from '../support/mix.js';
import { holds } from '../support/property.js';
import { randomSource } from '../support/random.js';
import { randomRare } from '../support/random_rare.js';
import { unsaved } from '../support/unsaved.js';

/** A core whose next token depends on the latest two, so that texts repeat. */
function repetitive(sharp: number): FakeCore {
  const core = new FakeCore({ contextLength: 64 });
  core.logitsOf = (prefix) => {
    const hash = mix(prefix.at(-2) ?? 0, prefix.at(-1)!);
    return Array.from({ length: core.config.vocabSize }, (_, id) => (sharp * mix(hash, id)) / 2 ** 32);
  };
  return core;
}

/** A model that agrees with a core about three positions of four. */
function draftOf(core: FakeCore) {
  const drafting = new FakeCore(core.config);
  drafting.logitsOf = (prefix) => core.logitsOf(prefix.length % 4 === 0 ? prefix.slice(1) : prefix);
  const model = { config: drafting.config };
  loadedModels.set(model, { core: drafting, tokenizer: fakeTokenizer });
  return model;
}

const TITLE = 'rare samplers and processors draw the same alone, among several, with speculation and again';
test(TITLE, async () => {
  const check = async (seed: number) => {
    const random = randomSource(seed);
    const core = repetitive(random.pick([4, 15, 40]));
    const prompt = Array.from({ length: 1 + random.below(12) }, () => 1 + random.below(30));
    const options: GenerateOptions = {
      temperature: random.pick([0.4, 1, 1.5]),
      topP: 1,
      maxTokens: 1 + random.below(30),
      seed,
      ...randomRare(random),
    };
    const expected = [0, 1, 2].map((index) => literalTokens(core, prompt, options, index));
    for (const [n, speculation] of [
      [1, {}],
      [3, {}],
      [1, { speculate: 'prompt' }],
      [3, { draft: draftOf(core) }],
    ] as const) {
      const session = new Session(core, fakeTokenizer, unsaved);
      const { choices } = await session.generate(prompt, { ...options, n, ...speculation });
      const about = JSON.stringify({ prompt, options, n, speculation: Object.keys(speculation) });
      assert.equal(
        choices.map(({ tokens }) => tokens),
        expected.slice(0, n),
        about,
      );
    }
  };
  await holds(TITLE, fc.integer({ min: 0, max: 2 ** 31 }), check, 80);
});

test('samplers that are off take no random number and change nothing', async () => {
  const core = repetitive(15);
  const options: GenerateOptions = { seed: 4, maxTokens: 40, topP: 0.9 };
  const plain = await new Session(core, fakeTokenizer, unsaved).generate([3], options);
  const off: GenerateOptions = {
    ...{ typicalP: 1, topH: 0, topNSigma: 0, epsilonCutoff: 0, etaCutoff: 0, xtcProbability: 0, mirostat: 0 },
    ...{ dynamicTemperatureRange: 0, dryMultiplier: 0, encoderRepetitionPenalty: 1, encoderNoRepeatNgram: 0 },
    ...{ beginBannedTokens: [], processors: [], renormalize: true },
  };
  const other = await new Session(core, fakeTokenizer, unsaved).generate([3], { ...options, ...off });
  assert.equal(other.tokens, plain.tokens);
});

test('temperature 0 takes the likeliest token, whatever samplers are on', async () => {
  const core = repetitive(15);
  const open = () => new Session(core, fakeTokenizer, unsaved);
  const plain = await open().generate([3], { temperature: 0, maxTokens: 20 });
  for (const options of [
    { xtcProbability: 1, xtcThreshold: 0 },
    { mirostat: 2 as const },
    { dynamicTemperatureRange: 2 },
    { samplers: ['xtc', 'temperature'] as const },
  ]) {
    const found = await open().generate([3], { ...options, temperature: 0, maxTokens: 20 });
    assert.equal(found.tokens, plain.tokens, JSON.stringify(options));
  }
});

test.run();
