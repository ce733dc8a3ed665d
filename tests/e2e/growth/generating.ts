import type { GenerateOptions } from '../../../src/index.js';
import { type GrowthCase, range } from './growth_case.js';
import { KEPT, READ, small } from './small.js';

type Case<T extends readonly unknown[]> = readonly [title: string, size: number, ...T];

const OPTIONS: readonly Case<[options: (size: number) => GenerateOptions]>[] = [
  ['tokens', 10, (size) => ({ maxTokens: size })],
  [
    'tokens with penalties',
    10,
    (size) => ({ maxTokens: size, repetitionPenalty: 1.1, frequencyPenalty: 0.1, presencePenalty: 0.1 }),
  ],
  ['tokens without repeated n-grams', 10, (size) => ({ maxTokens: size, noRepeatNgram: 3 })],
  ['tokens with DRY', 10, (size) => ({ maxTokens: size, dryMultiplier: 1 })],
  ['tokens with a filter', 10, (size) => ({ maxTokens: size, filter: ['english', 'personal-data'] })],
  ['tokens with banned texts', 10, (size) => ({ maxTokens: size, bannedTexts: ['the', 'a dog'] })],
  ['tokens with a watermark', 10, (size) => ({ maxTokens: size, watermark: { kind: 'kgw' } })],
  ['tokens of beams', 10, (size) => ({ maxTokens: size, beams: 2, stop: ['qqq'] })],
  ['tokens with speculation', 10, (size) => ({ maxTokens: size, speculate: 'prompt' })],
  [
    'tokens with a schema',
    10,
    (size) => ({ maxTokens: size, format: { jsonSchema: { type: 'string', minLength: 500 } } }),
  ],
  ['stop strings', 50, (size) => ({ maxTokens: 8, stop: range(size, (i) => `stop ${i}`) })],
  ['a long stop string', 500, (size) => ({ maxTokens: 8, stop: 'ab'.repeat(size) })],
  [
    'stop strings of beams',
    50,
    (size) => ({ maxTokens: 8, beams: 2, stop: range(size, (i) => `stop ${i}`) }),
  ],
  ['a long stop string of beams', 500, (size) => ({ maxTokens: 8, beams: 2, stop: 'ab'.repeat(size) })],
  ['banned texts', 100, (size) => ({ maxTokens: 8, bannedTexts: range(size, (i) => `bad${i}`) })],
  ['a long banned text', 100, (size) => ({ maxTokens: 8, bannedTexts: 'ab'.repeat(size) })],
  [
    'banned texts that begin alike',
    20,
    (size) => ({ maxTokens: 8, bannedTexts: range(size, (i) => `${'a'.repeat(30)}${i}`) }),
  ],
  [
    'logit biases',
    50,
    (size) => ({ maxTokens: 8, logitBias: Object.fromEntries(range(size, (i) => [i + 1, 1])) }),
  ],
  [
    'sequence biases',
    50,
    (size) => ({ maxTokens: 8, sequenceBias: range(size, (i) => ({ tokens: [i, i + 1], bias: 1 })) }),
  ],
  [
    'a long sequence bias',
    1000,
    (size) => ({ maxTokens: 8, sequenceBias: [{ tokens: range(size, () => 5), bias: 1 }] }),
  ],
  ['banned tokens', 50, (size) => ({ maxTokens: 8, bannedTokens: range(size, (i) => i + 1) })],
  [
    'sequence breakers',
    50,
    (size) => ({ maxTokens: 8, dryMultiplier: 1, drySequenceBreakers: range(size, (i) => `b${i}`) }),
  ],
  ['words of a filter', 50, (size) => ({ maxTokens: 8, filter: { words: range(size, (i) => `word${i}`) } })],
  ['completions', 4, (size) => ({ maxTokens: 8, n: size })],
];

const GENERATED: GrowthCase[] = OPTIONS.map(([title, size, options]) => ({
  ...{ title: `generate, ${title}`, size, quadratic: title.startsWith('tokens') ? READ : undefined },
  prepare(size) {
    const given = { ignoreEos: true, ...options(size) };
    if (!('beams' in given)) Object.assign(given, { seed: 1 });
    return () => small.generate('Once upon', given);
  },
}));

const PROMPTS: readonly [title: string, options: GenerateOptions][] = [
  ['alone', {}],
  [
    'with penalties',
    {
      repetitionPenalty: 1.1,
      noRepeatNgram: 3,
      dryMultiplier: 1,
      encoderNoRepeatNgram: 3,
      encoderRepetitionPenalty: 1.1,
    },
  ],
  ['with banned texts', { bannedTexts: ['the', 'a dog'] }],
  ['with healing', { heal: true }],
  ['with a filter', { filter: 'english' }],
  ['with beams', { beams: 2 }],
  ['with speculation', { speculate: 'prompt' }],
  ['with a watermark', { watermark: { kind: 'kgw' } }],
];
const PROMPTED: GrowthCase[] = PROMPTS.map(([title, options]) => ({
  title: `generate, a long prompt ${title}`,
  size: 500,
  prepare(size) {
    const prompt = 'a dog ran '.repeat(size);
    return () =>
      small
        .generate(prompt, {
          maxTokens: 2,
          contextFull: options.beams ? 'stop' : 'shift',
          ...(options.beams ? {} : { seed: 1 }),
          ...options,
        })
        .catch((error) => {
          if (error.code !== 'context-full') throw error;
        });
  },
}));

const SCORED: GrowthCase[] = [
  {
    title: 'score, windows',
    quadratic: KEPT,
    size: 100,
    prepare(size) {
      const text = 'a dog ran '.repeat(size);
      return () => small.score(text, { stride: 128 });
    },
  },
  {
    title: 'choose, choices',
    size: 10,
    prepare(size) {
      const choices = range(size, (i) => ` choice ${i}`);
      return () => small.choose('One', choices);
    },
  },
  {
    title: 'loglikelihood, context',
    size: 200,
    prepare(size) {
      const text = 'a dog ran '.repeat(size);
      return () => small.loglikelihood(text, ' home');
    },
  },
];

export const GENERATING: GrowthCase[] = [...GENERATED, ...PROMPTED, ...SCORED];
