import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyPrompt, loadModel, type Model } from '../../../src/index.js';
import { headsFile, headsModel } from '../../support/heads.js';
import { allNear } from '../../support/near.js';

const TOLERANCE = 2e-4;

async function withModel(name: string, use: (model: Model) => Promise<void>, weights: 'f32' | 'q8' = 'f32') {
  const model = await loadModel(headsModel(name), { build: 'simd', weights });
  try {
    await use(model);
  } finally {
    model.dispose();
  }
}

interface Case {
  readonly attention_mask?: number[][];
  readonly position_ids?: number[][];
  readonly logits: Float32Array;
  readonly probabilities: Float32Array;
  readonly labels?: number[][];
}
type Batches = Record<
  string,
  { readonly input_ids: number[][]; readonly with_mask: { readonly attention_mask: number[][] } }
>;

/** Each case of a file: its prompts, without the tokens that a mask hides, and the indices of those that are left. */
function casesOf(name: string) {
  const cases: {
    readonly title: string;
    readonly expected: Case;
    readonly prompts: AnyPrompt[];
    readonly kept: number[][];
  }[] = [];
  for (const [batch, { input_ids, ...kinds }] of Object.entries(headsFile(name).batches as Batches)) {
    for (const [kind, expected] of Object.entries(kinds) as unknown as [string, Case][]) {
      const mask = kind === 'without_mask' ? undefined : kinds.with_mask.attention_mask;
      const kept = input_ids.map((ids, row) => [...ids.keys()].filter((i) => mask?.[row]?.[i] !== 0));
      const prompts = input_ids.map((ids, row) => ({
        text: kept[row]!.map((i) => ids[i]!),
        positions: kept[row]!.map((i) => expected.position_ids?.[row]?.[i] ?? i),
      }));
      cases.push({ title: `${name}, ${batch}, ${kind}`, expected, prompts, kept });
    }
  }
  return cases;
}

const APPLIED = {
  sequence: 'softmax',
  'sequence-multi': 'sigmoid',
  'sequence-regression': 'sigmoid',
} as const;

for (const name of ['sequence', 'sequence-multi', 'sequence-regression'] as const) {
  test(`${name}: logits and probabilities are those of transformers, with padding on either side`, () =>
    withModel(name, async (model) => {
      for (const { title, expected, prompts } of casesOf(name)) {
        const found = await model.classify(prompts, { apply: APPLIED[name] });
        allNear(
          found.flatMap(({ logits }) => [...logits]),
          expected.logits,
          TOLERANCE,
          title,
        );
        const probabilities = found.flatMap(({ scores }) => scores.map(({ score }) => score));
        allNear(probabilities, expected.probabilities, TOLERANCE, title);
      }
    }));
}

test('scores follow from the config: probabilities of one class, of each label, or a number', async () => {
  const ids = [9, 14, 70];
  await withModel('sequence', async (model) => {
    const { label, score, scores } = await model.classify(ids);
    assert.equal(
      scores.map((each) => each.label),
      ['sad', 'so so', 'glad'],
    );
    assert.ok(Math.abs(scores.reduce((sum, each) => sum + each.score, 0) - 1) < 1e-12);
    assert.is(score, Math.max(...scores.map((each) => each.score)));
    assert.is(scores.find((each) => each.label === label)!.score, score);
  });
  await withModel('sequence-multi', async (model) => {
    const { scores, logits } = await model.classify(ids);
    allNear(
      scores.map(({ score }) => score),
      Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit))),
      1e-12,
    );
  });
  await withModel('sequence-regression', async (model) => {
    const { score, logits, label } = await model.classify(ids);
    assert.is(score, logits[0]);
    assert.is(label, 'LABEL_0');
    assert.is(await model.reward(ids), logits[0]);
  });
});

test('labels of tokens are those of transformers', () =>
  withModel('token', async (model) => {
    const names = ['O', 'B-X', 'I-X', 'B-Y', 'I-Y'];
    for (const { title, expected, prompts, kept } of casesOf('token')) {
      const length = expected.labels![0]!.length;
      const found = await model.tag(prompts);
      for (const [row, { tokens, logits }] of found.entries()) {
        for (const [token, i] of kept[row]!.entries()) {
          const from = (row * length + i) * names.length;
          const wanted = expected.logits.subarray(from, from + names.length);
          allNear(
            logits.subarray(token * names.length, (token + 1) * names.length),
            wanted,
            TOLERANCE,
            title,
          );
          assert.is(tokens[token]!.label, names[expected.labels![row]![i]!], title);
        }
      }
    }
  }));

test('logits of answers are those of transformers', () =>
  withModel('question', async (model) => {
    const { input_ids: ids, start_logits, end_logits } = headsFile('question');
    const [answer] = await model.answer(ids.slice(0, 4), ids.slice(4));
    allNear(answer!.startLogits, start_logits, TOLERANCE);
    allNear(answer!.endLogits, end_logits, TOLERANCE);
  }));

test('logits of choices are those of transformers, and the tied head still gives the text', () =>
  withModel('double', async (model) => {
    const { input_ids, mc_token_ids, mc_logits, mc_logits_without_ids, logits } = headsFile('double');
    allNear((await model.multipleChoice(input_ids[0], { at: mc_token_ids[0] })).logits, mc_logits, TOLERANCE);
    const chosen = await model.multipleChoice(input_ids[0]);
    allNear(chosen.logits, mc_logits_without_ids, TOLERANCE);
    assert.is(chosen.probabilities[chosen.index], Math.max(...chosen.probabilities));
    allNear(await model.logits(input_ids[0][0]), logits.subarray(0, 9 * 97), TOLERANCE);
  }));

test('GPT2Model opens without a head, and has none for other tasks', () =>
  withModel('base', async (model) => {
    const { input_ids, last_hidden_state } = headsFile('base');
    allNear(await model.embed(input_ids, { pooling: 'none' }), last_hidden_state, TOLERANCE);
    assert.is((await model.generate(input_ids, { maxTokens: 3, temperature: 0 })).tokens.length, 3);
  }));

test('weights in 8 bits give nearly the same', () =>
  withModel(
    'sequence',
    async (model) => {
      const [{ expected, prompts }] = casesOf('sequence') as [ReturnType<typeof casesOf>[0]];
      const found = await model.classify(prompts);
      allNear(
        found.flatMap(({ logits }) => [...logits]),
        expected.logits,
        0.03,
      );
    },
    'q8',
  ));

test.run();
