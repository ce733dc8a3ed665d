import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { examine } from '../../../src/examine/text/examine.js';
import { type ClozeOptions, clozeItems } from '../../../src/examine/tutoring/cloze_items.js';
import { oddWords } from '../../../src/examine/tutoring/odd_words.js';
import { readingDifficulty } from '../../../src/examine/tutoring/reading_difficulty.js';
import { embeddedModel, loadModel, type Model } from '../../../src/index.js';
import type { WorkProgress } from '../../../src/model/remote_models.js';
import { thrown } from '../../support/thrown.js';

const TEXT =
  'Once upon a time there was a little girl named Lily. She loved to play outside in the park. One day, she ' +
  'saw a big ball in a tree. Her mom smiled and said, "Yes, but be careful." Lily climbed the piano and got the ' +
  'ball. She was very happy and ran home.\n\nHer dog wagged his tail.';

const tutoring = suite('tutoring');
let model: Model;
tutoring.before(async () => {
  model = await loadModel(embeddedModel, { build: 'simd' });
});
tutoring.after(() => model.dispose());

/** log2 p of what follows a text, token by token. */
async function bitsOf(before: string, after: string): Promise<number> {
  const known = model.tokenizer.encode(before).length;
  const { logprobs } = await model.score(before + after, { start: false });
  return logprobs.slice(known - 1).reduce((sum, logprob) => sum + logprob, 0) / Math.LN2;
}

/** The end of the sentence with an offset. */
const sentenceEnd = (from: number) => from + TEXT.slice(from).search(/\.(?=["\s]|$)/) + 1;

tutoring('blanks are words of the text, with other words that fit less well', async () => {
  const items = await clozeItems(model, TEXT, { count: 6 });
  assert.is(items.length, 6);
  for (const { start, end, answer, sentence, surprisal, rank, choices, distractors, alternative } of items) {
    assert.is(TEXT.slice(start, end), answer);
    assert.match(answer, /^[A-Za-z]{3,}$/);
    assert.ok(surprisal >= 1 && surprisal <= 9 && rank <= 50);
    assert.ok(sentence.start <= start && end <= sentence.end);
    assert.ok(choices.length >= 2, 'the model knows other words');
    assert.equal([...choices].sort(), [answer, ...distractors.map(({ text }) => text)].sort());
    assert.not(choices.includes(alternative ?? ''));
    assert.ok(distractors.every(({ bits }, i) => bits > 0 && bits >= (distractors[i - 1]?.bits ?? 0)));
  }
  const { start, end, answer, distractors } = items[2]!;
  const before = TEXT.slice(0, start).trimEnd();
  const rest = TEXT.slice(end, sentenceEnd(end));
  const [own, other] = await Promise.all(
    [answer, distractors[0]!.text].map((word) => bitsOf(before, ` ${word}${rest}`)),
  );
  assert.ok(Math.abs(own! - other! - distractors[0]!.bits) < 0.01, 'bits are those of the whole sentence');
});

tutoring('the alternative is the word after which the model expects most nearly the same', async () => {
  const cosine = (a: Float32Array, b: Float32Array) => {
    const product = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
    return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
  };
  let compared = 0;
  for (const item of await clozeItems(model, TEXT, { count: 6, choices: 8 })) {
    const beginning = TEXT.slice(item.sentence.start, item.start);
    const state = (word: string) => model.embed(beginning + word, { pooling: 'last' });
    const own = await state(item.answer);
    const nearest = cosine(own, await state(item.alternative!));
    // Words that make the sentence much less likely are no alternatives.
    for (const { text } of item.distractors.filter(({ bits }) => bits < 7.9)) {
      assert.ok(cosine(own, await state(text)) <= nearest + 1e-5, `${text}, ${item.alternative}`);
      compared++;
    }
  }
  assert.ok(compared > 5);
});

tutoring('a seed orders the choices, and nothing else', async () => {
  const orders = await Promise.all([1, 2, 1].map((seed) => clozeItems(model, TEXT, { count: 4, seed })));
  assert.equal(orders[0], orders[2]);
  assert.not.equal(
    orders[0]!.map(({ choices }) => choices),
    orders[1]!.map(({ choices }) => choices),
  );
  const sorted = orders.map((items) =>
    items.map(({ choices, ...item }) => ({ ...item, choices: [...choices].sort() })),
  );
  assert.equal(sorted[0], sorted[1]);
});

tutoring(
  'a word that does not fit is found, and the words suggested make its sentence likelier',
  async () => {
    const found = await oddWords(model, TEXT, { suggestions: 3 });
    assert.equal(
      found.map(({ word }) => word),
      ['piano'],
    );
    const { start, end, suggestions, surprisal } = found[0]!;
    assert.ok(surprisal >= 10);
    assert.is(suggestions.length, 3);
    const rest = TEXT.slice(end, sentenceEnd(end));
    const before = TEXT.slice(0, start).trimEnd();
    const own = await bitsOf(before, ` piano${rest}`);
    for (const [i, { text, gain }] of suggestions.entries()) {
      assert.ok(Math.abs((await bitsOf(before, ` ${text}${rest}`)) - own - gain) < 0.01, text);
      assert.ok(gain >= (i === 0 ? 12 : 0) && gain <= (suggestions[i - 1]?.gain ?? gain));
    }
    assert.equal(await oddWords(model, TEXT.replace('piano', suggestions[0]!.text)), []);
  },
);

tutoring('reading difficulty is the surprisal of words, by sentence', async () => {
  const [difficulty, { words }] = await Promise.all([readingDifficulty(model, TEXT), examine(model, TEXT)]);
  assert.equal(
    difficulty.byWord.map(({ bits }) => bits),
    words.map(({ correctedSurprisal }) => correctedSurprisal),
  );
  assert.is(difficulty.words, TEXT.split(/\s+/).length);
  assert.is(difficulty.hardest!.text, 'piano');
  for (const part of [difficulty, ...difficulty.sentences]) {
    const { start, end } = { start: 0, end: TEXT.length, ...part };
    const own = difficulty.byWord
      .filter((word) => word.start >= start && word.end <= end)
      .map(({ bits }) => bits);
    const mean = own.reduce((sum, bits) => sum + bits, 0) / own.length;
    const variance = own.reduce((sum, bits) => sum + (bits - mean) ** 2, 0) / own.length;
    assert.is(part.words, own.length);
    assert.ok(Math.abs(part.bitsPerWord - mean) < 1e-9 && Math.abs(part.deviation ** 2 - variance) < 1e-9);
    assert.is(part.hardest!.bits, Math.max(...own));
  }
});

tutoring('a text without words has no blanks, no odd words and no difficulty', async () => {
  const text = '12, 13. 14! ...';
  assert.equal(await clozeItems(model, text), []);
  assert.equal(await oddWords(model, text), []);
  const { words, hardest } = await readingDifficulty(model, '... --- !');
  assert.equal([words, hardest], [0, undefined]);
});

tutoring('a text longer than the context is read to its end', async () => {
  const long = `${'Tom and Sam went to the park and played with a ball. '.repeat(50)}The boy kicked the piano.`;
  const found = await oddWords(model, long, { most: 1 });
  assert.equal(
    found.map(({ start, word }) => [start, word]),
    [[long.length - 6, 'piano']],
  );
});

tutoring('a word that is longer than the context allows is left out, and others are found', async () => {
  const short = await loadModel(embeddedModel, { build: 'simd', contextLength: 64 });
  const endless = 'lyzq'.repeat(40);
  assert.ok(short.tokenizer.encode(endless).length > 64);
  const text = `Once upon a time ${endless} ran to the park. The boy kicked the piano.`;
  const found = await oddWords(short, text, { minBits: 0, minGain: 0 });
  assert.ok(found.some(({ word }) => word === 'piano'));
  const items = await clozeItems(short, text, { minBits: 0, maxBits: 1e9, maxRank: 4096, spacing: 1 });
  assert.ok(items.length > 0);
  for (const { answer } of items) assert.is.not(answer, endless);
  short.dispose();
});

tutoring('work can be ended, and reports how much is done', async () => {
  const controller = new AbortController();
  const seen: string[] = [];
  const onProgress = ({ done, total }: WorkProgress) => {
    seen.push(`${done}/${total}`);
    if (total === 5) controller.abort();
  };
  await thrown(() => clozeItems(model, TEXT, { count: 5, signal: controller.signal, onProgress }), 'aborted');
  assert.is(seen.at(-1), '1/5');
});

tutoring('wrong options are refused by name', async () => {
  await thrown(() => clozeItems(model, TEXT, null as never), 'invalid-option', 'options is null');
  await thrown(() => oddWords(model, TEXT, null as never), 'invalid-option', 'options is null');
  const wrong: Record<string, unknown>[] = [
    { count: 0 },
    { choices: 9 },
    { minBits: -1 },
    { maxBits: 0.5 },
    { seed: 1.5 },
    { spacings: 2 },
  ];
  for (const options of wrong) {
    const [name] = Object.keys(options);
    await thrown(() => clozeItems(model, TEXT, options as ClozeOptions), 'invalid-option', name!);
  }
  for (const options of [{ minGain: -1 }, { most: 0 }, { top: 1 }]) {
    const [name] = Object.keys(options);
    await thrown(() => oddWords(model, TEXT, options as object), 'invalid-option', name!);
  }
});

tutoring.run();
