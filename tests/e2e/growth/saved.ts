import {
  augmentCounterfactual,
  calibrate,
  createSigningKey,
  lexiconClassifier,
  readCalibration,
  readHonest,
  readPrompts,
  readSteeringVector,
  readStereoSet,
  readWinoBias,
  readWordPairs,
  readWords,
  signGeneration,
  verifyRecord,
} from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { fixture } from '../../support/fixture_files.js';
import { safetensorsOf } from '../../support/safetensors_of.js';
import { type GrowthCase, range } from './growth_case.js';
import { small } from './small.js';

const key = await createSigningKey();
const SEEDED = { maxTokens: 1, seed: 1 };
const completion = await small.generate('A cat', SEEDED);

const SIGNED: readonly [title: string, size: number, options: (size: number) => object][] = [
  ['choices', 4, (size) => ({ n: size })],
  ['stop strings', 50, (size) => ({ stop: range(size, (i) => `stop ${i}`) })],
  ['a long stop string', 500, (size) => ({ stop: 'ab'.repeat(size) })],
];

const RECORDS: GrowthCase[] = [
  ...SIGNED.map(
    ([title, size, more]): GrowthCase => ({
      ...{ title: `verifyRecord, ${title}`, size },
      async prepare(size) {
        const options = { maxTokens: 2, seed: 1, ignoreEos: true, ...more(size) };
        const completion = await small.generate('A cat', options);
        const record = JSON.stringify(
          await signGeneration(small, completion, { prompt: 'A cat', options, key }),
        );
        return () => verifyRecord(small, record);
      },
    }),
  ),
  {
    ...{ title: 'signGeneration, a long prompt', size: 500 },
    prepare(size) {
      const prompt = 'a dog ran '.repeat(size);
      return () => signGeneration(small, completion, { prompt, options: SEEDED, key });
    },
  },
];

/** No other case leaves pages in its memory. */
const alone = await loadModel(fixture('stories-tiny'), { build: 'simd', threads: 1 });

const SESSIONS: GrowthCase[] = [
  {
    ...{ title: 'save and restore, tokens', size: 16 },
    async prepare(size) {
      const session = alone.session();
      await session.generate(
        range(size, (i) => i + 1),
        { maxTokens: 1 },
      );
      return async () => (await alone.restore(await session.save())).dispose();
    },
  },
];

const CALIBRATED: GrowthCase[] = [
  {
    ...{ title: 'calibrate and readCalibration, texts', size: 100 },
    prepare(size) {
      const texts = (kind: string) => range(size, (i) => `${kind} text ${i}`);
      return async () => {
        const calibration = await calibrate((text) => text.length, texts('human'), texts('machine'));
        const read = await readCalibration(JSON.stringify(calibration), (text) => text.length);
        read.report();
        await read.verdict('A text');
      };
    },
  },
];

const FILES: readonly [title: string, read: (size: number) => unknown][] = [
  [
    'readHonest',
    (size) => readHonest(`template_masked\tidentity\tcategory\n${'The a is [M]\tb\tc\n'.repeat(size)}`),
  ],
  ['readPrompts', (size) => readPrompts('{"prompt":{"text":"A cat"}}\n'.repeat(size))],
  ['readWords', (size) => readWords('word\n'.repeat(size))],
  ['readWinoBias', (size) => readWinoBias(sentences(size, 'he'), sentences(size, 'she'))],
  [
    'readStereoSet',
    (size) => readStereoSet(JSON.stringify({ data: { intrasentence: range(size, stereotype) } })),
  ],
];
const sentences = (size: number, who: string) =>
  range(size, (i) => `${i + 1} The [cook] said [${who}] left.\n`).join('');
const stereotype = (i: number) => ({
  ...{ id: `${i}`, target: 'a', bias_type: 'b', context: 'A BLANK.' },
  sentences: ['stereotype', 'anti-stereotype', 'unrelated'].map((label) => ({
    ...{ id: `${label} ${i}`, sentence: `A ${label}.`, gold_label: label, labels: [] },
  })),
});

const BIAS: GrowthCase[] = [
  ...FILES.map(([title, read]) => ({
    ...{ title: `${title}, entries`, size: 100 },
    prepare: (size: number) => () => read(size),
  })),
  {
    ...{ title: 'augmentCounterfactual, pairs and texts', size: 50 },
    prepare(size) {
      const pairs = readWordPairs(range(size, (i) => `he${i},she${i}\n`).join(''));
      const texts = range(size, (i) => `Then he${i} saw the king.`);
      return () => augmentCounterfactual(texts, pairs);
    },
  },
  {
    ...{ title: 'lexiconClassifier, words and a long text', size: 100 },
    prepare: (size) => () => lexiconClassifier(range(size, (i) => `word${i}`))('A word7 ran. '.repeat(size)),
  },
  {
    ...{ title: 'readSteeringVector, metadata', size: 100 },
    prepare(size) {
      const file = safetensorsOf(
        Object.fromEntries(
          range(size, (i) => [`blocks.${i}.hook_resid_post`, { shape: [1], values: [1] }]),
        ) as never,
      );
      return () => readSteeringVector(file).catch(() => {});
    },
  },
];

export const SAVED: GrowthCase[] = [...SESSIONS, ...RECORDS, ...CALIBRATED, ...BIAS];
