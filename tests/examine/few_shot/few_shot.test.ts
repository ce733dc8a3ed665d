import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FewShot } from '../../../src/examine.js';
import { loadModel } from '../../../src/index.js';
import { near } from '../../support/near.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const model = await loadModel(storiesTiny, { build: 'simd' });
const EXAMPLES = [
  { input: 'Tom smiled.', label: 'good' },
  { input: 'Lily cried.', label: 'bad' },
  { input: 'Ben ate cake.', label: 'good' },
  { input: 'Sam fell.', label: 'bad' },
];
const options = {
  instruction: 'How was it?',
  examples: EXAMPLES,
  choices: { good: 'happy', bad: 'sad' },
  query: '{input} It was {label}',
  separator: '\n',
};
const inputs = ['Mia ran home.', 'The dog was lost.', 'Tim got a toy.'];

test.after(() => model.dispose());

test('a prompt has the instruction, the examples and the query', () => {
  assert.is(
    new FewShot({ ...options, shots: 2 }).prompt('Mia ran.'),
    'How was it?\nTom smiled. It was happy\nLily cried. It was sad\nMia ran. It was ',
  );
  const plain = new FewShot({ choices: ['yes', 'no'] });
  assert.is(plain.prompt('a $& b {label}'), 'Input: a $& b {label}\nLabel: ');
  assert.equal(plain.labels, ['yes', 'no']);
});

test('a seed orders the examples, and the first ones are shown', () => {
  const lines = (seed: number, shots: number) => {
    return new FewShot({ ...options, seed, shots }).prompt('x').split('\n').slice(1, -1);
  };
  const seen = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const all = lines(seed, 4);
    assert.equal(lines(seed, 4), all);
    assert.equal(lines(seed, 3), all.slice(0, 3));
    assert.equal([...all].sort(), lines(0, 4).sort());
    seen.add(all.join());
  }
  assert.ok(seen.size > 5);
});

/** Probabilities of the choices by `choose`, in another way. */
async function plain(input: string): Promise<number[]> {
  return (await model.choose(new FewShot(options).prompt(input), ['happy', 'sad'])).probabilities;
}

test('an input gets the likeliest choice', async () => {
  const task = new FewShot(options);
  for (const input of inputs) {
    const { label, probabilities } = await task.classify(model, input);
    const [happy, sad] = await plain(input);
    near(probabilities.good!, happy!, 1e-12);
    near(probabilities.bad!, sad!, 1e-12);
    assert.is(label, happy! >= sad! ? 'good' : 'bad');
  }
});

test("calibration divides probabilities by those of inputs without content, as Zhao's", async () => {
  const task = new FewShot(options);
  const calibration = await task.calibrate(model);
  assert.equal(calibration.contentFree, ['N/A', '', '[MASK]']);
  const rows = await Promise.all(calibration.contentFree.map(plain));
  const prior = [0, 1].map((label) => (rows[0]![label]! + rows[1]![label]! + rows[2]![label]!) / 3);
  for (const label of [0, 1]) near(calibration.prior[label]!, prior[label]!, 1e-12);
  for (const input of inputs) {
    const { label, probabilities } = await task.classify(model, input, { calibration });
    const [happy, sad] = (await plain(input)).map((p, i) => p / prior[i]!);
    near(probabilities.good!, happy! / (happy! + sad!), 1e-9);
    assert.is(label, happy! >= sad! ? 'good' : 'bad');
  }
  const own = await task.calibrate(model, { contentFree: [inputs[0]!] });
  const { probabilities } = await task.classify(model, inputs[0]!, { calibration: own });
  near(probabilities.good!, 0.5, 1e-9);
});

test('accuracy and confusion are those of the labels', async () => {
  const task = new FewShot(options);
  const found = await Promise.all(inputs.map(async (input) => (await task.classify(model, input)).label));
  const other = found[2] === 'good' ? 'bad' : 'good';
  const known = inputs.map((input, i) => ({ input, label: i === 2 ? other : found[i]! }));
  const progress: number[] = [];
  const onProgress = ({ done }: { done: number }) => progress.push(done);
  const { accuracy, confusion, classified, labels, majority } = await task.accuracy(model, known, {
    onProgress,
  });
  assert.equal([accuracy.count, accuracy.total], [2, 3]);
  assert.equal(progress, [1, 2, 3]);
  assert.equal(
    classified.map(({ label }) => label),
    found,
  );
  const at = (label: string) => labels.indexOf(label);
  const expected = [
    [0, 0],
    [0, 0],
  ];
  for (const [i, { label }] of known.entries()) expected[at(label)]![at(found[i]!)]!++;
  assert.equal(confusion, expected);
  const good = known.filter(({ label }) => label === 'good').length;
  assert.is(majority, Math.max(good, 3 - good) / 3);
});

test('tasks and inputs that cannot be used are refused', async () => {
  const refused = (given: object, ...words: string[]) =>
    thrown(() => new FewShot({ ...options, ...given } as never), 'invalid-option', ...words);
  await refused({ choices: ['one'] }, 'choices');
  await refused({ choices: ['a', 'a'] }, 'choices');
  await refused({ choices: { a: 'x', b: 'x' } }, 'choices');
  await refused({ choices: { good: 'x', bad: ' ' } }, 'choices');
  await refused({ query: '{input}' }, 'query');
  await refused({ query: 'Say {label}' }, 'query');
  await refused({ query: '{label} {input} {label}' }, 'query');
  await refused({ examples: [{ input: 'x', label: 'happy' }] }, 'examples[0].label', 'good');
  await refused({ examples: [{ label: 'good' }] }, 'examples[0].input');
  await refused({ shots: 5 }, 'shots');
  await refused({ seed: -1 }, 'seed');
  await refused({ instructions: 'x' }, 'instruction');
  const task = new FewShot(options);
  await thrown(() => task.accuracy(model, []), 'invalid-option', 'test');
  await thrown(() => task.accuracy(model, [{ input: 'x', label: 'y' }]), 'invalid-option', 'test[0].label');
  await thrown(() => task.calibrate(model, { contentFree: [] }), 'invalid-option', 'contentFree');
  const other = await new FewShot({ choices: ['yes', 'no'] }).calibrate(model);
  await thrown(() => task.classify(model, 'x', { calibration: other }), 'invalid-option', 'calibration');
  await thrown(() => task.classify(model, 'x', { signal: AbortSignal.abort() }), 'aborted');
  await thrown(() => task.classify(model, 'word '.repeat(2000)), 'context-full', 'shorten');
});

test.run();
