import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deduplicateDocuments } from '../../../src/train/duplicates/deduplicate.js';
import { bandsFor } from '../../../src/train/duplicates/min_hash.js';
import type { DeduplicateOptions } from '../../../src/train/duplicates/options.js';
import { holds } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { thrown } from '../../support/thrown.js';
import { documentsOf, type Plain } from '../data/plain_documents.js';

const plainText = (text: number[]): Plain => ({ prompt: [], text });
const isSame = (a: Plain, b: Plain) => JSON.stringify(a) === JSON.stringify(b);

function shinglesOf(tokens: readonly number[], length: number): Set<string> {
  const starts = Math.max(tokens.length > 0 ? 1 : 0, tokens.length - length + 1);
  return new Set(Array.from({ length: starts }, (_, at) => tokens.slice(at, at + length).join()));
}

function jaccard(a: Set<string>, b: Set<string>): number {
  if (a.size + b.size === 0) return 1;
  const common = [...a].filter((shingle) => b.has(shingle)).length;
  return common / (a.size + b.size - common);
}

/** The similarity, from the definition. */
function similarity(a: Plain, b: Plain, shingle: number): number {
  const of = (part: keyof Plain) => jaccard(shinglesOf(a[part], shingle), shinglesOf(b[part], shingle));
  return Math.min(of('prompt'), of('text'));
}

/** Indices of the documents that are kept, by their places in the data. */
async function keptOf(plain: readonly Plain[], options: DeduplicateOptions) {
  const found = await deduplicateDocuments(documentsOf(plain), options);
  const { starts } = documentsOf(plain);
  const { documents } = found;
  // Empty documents share their start with the next one: the texts decide.
  const texts = Array.from(documents.starts, (start, i) => ({
    prompt: [...documents.tokens.slice(start, documents.learned[i]!)],
    text: [...documents.tokens.slice(documents.learned[i]!, documents.ends[i]!)],
  }));
  let next = 0;
  const kept = texts.map((text, i) => {
    while (starts[next] !== documents.starts[i] || !isSame(plain[next]!, text)) next++;
    return next++;
  });
  return { ...found, kept };
}

/** Documents that are copies of each other with some tokens changed. */
const families = fc
  .record({
    seed: fc.nat(),
    count: fc.integer({ min: 1, max: 30 }),
    longest: fc.constantFrom(0, 3, 12, 60),
    prompts: fc.boolean(),
    tokens: fc.constantFrom(2, 50),
  })
  .map(({ seed, count, longest, prompts, tokens }) => {
    const random = randomSource(seed);
    const fresh = (most: number) =>
      Array.from({ length: random.below(most + 1) }, () => random.below(tokens));
    const changed = (list: number[]) => {
      const copy = list.slice();
      for (let edits = random.pick([0, 1, 1, 3]); edits > 0 && copy.length > 0; edits--) {
        copy[random.below(copy.length)] = random.below(tokens);
      }
      return random.pick([copy, copy, copy.slice(0, -1)]);
    };
    const all: Plain[] = [];
    for (let i = 0; i < count; i++) {
      const { prompt, text } = random.pick([...all, plainText([])]);
      const isCopy = random.below(3) > 0;
      all.push({
        prompt: isCopy ? changed(prompt) : prompts ? fresh(longest) : [],
        text: isCopy ? changed(text) : fresh(longest),
      });
    }
    return all;
  });

test('documents that are left out are near-duplicates of kept ones, by a literal definition', async () => {
  await holds(
    'near-duplicates',
    fc.record({
      plain: families,
      threshold: fc.constantFrom(0.5, 0.55, 0.7, 0.8, 1),
      shingle: fc.constantFrom(1, 2, 5),
    }),
    async ({ plain, threshold, shingle }) => {
      const { kept, exact, near, tokens, examples } = await keptOf(plain, { threshold, shingle });
      const all = plain.map(({ prompt, text }) => prompt.length + text.length);
      const left = kept.reduce((sum, i) => sum + all[i]!, 0);
      assert.is(tokens, all.reduce((sum, length) => sum + length, 0) - left);
      assert.is(exact + near + kept.length, plain.length);
      const { bands, rows } = bandsFor(threshold);
      let [equal, nearCount] = [0, 0];
      plain.forEach((document, i) => {
        const before = kept.filter((other) => other < i).map((other) => plain[other]!);
        const similarities = before.map((other) => similarity(document, other, shingle));
        if (kept.includes(i)) {
          assert.not.ok(plain.slice(0, i).some((other) => isSame(other, document)));
          // Pairs that the bands miss with a probability of less than 1e-15.
          for (const s of similarities) assert.ok(s < threshold || (1 - s ** rows) ** bands > 1e-15, `${s}`);
        } else if (plain.slice(0, i).some((other) => isSame(other, document))) equal++;
        else {
          const example = examples[nearCount++]!;
          assert.is(example.document.line, i + 1);
          const original = example.original.line - 1;
          assert.ok(kept.includes(original) && original < i);
          assert.ok(example.similarity >= threshold);
          // The first one, but for documents that the bands may miss.
          kept.forEach((other, k) => {
            const isMissed = similarities[k]! < threshold || (1 - similarities[k]! ** rows) ** bands > 1e-15;
            assert.ok(other >= original || isMissed);
          });
          assert.is(example.similarity, similarity(document, plain[original]!, shingle));
        }
      });
      assert.equal([equal, nearCount], [exact, near]);
      assert.equal((await keptOf(plain, { threshold, shingle })).kept, kept);
    },
    150,
  );
});

test('of pairs exactly at the threshold less than one in a thousand is missed, and none below it is left out', async () => {
  const random = randomSource(31);
  const plain: Plain[] = [];
  const pairs = 1000;
  // 90 shingles of 5 tokens, of which each change that is apart from others replaces 5: 80 / 100, 75 / 105.
  for (const changes of [2, 3]) {
    for (let pair = 0; pair < pairs; pair++) {
      const text = Array.from({ length: 94 }, () => random.below(2 ** 30));
      const other = text.slice();
      for (let change = 0; change < changes; change++) other[10 + 20 * change] = 2 ** 30 + change;
      plain.push(plainText(text), plainText(other));
    }
  }
  const { near, kept, examples } = await keptOf(plain, {});
  assert.ok(near <= pairs && near >= pairs - 1, `${near}`);
  assert.is(kept.filter((i) => i >= 2 * pairs).length, 2 * pairs);
  assert.is(examples.length, 100);
  assert.equal(
    examples.map(({ similarity: s }) => s),
    Array.from({ length: 100 }, () => 0.8),
  );
});

test('bands find at least 9,999 of 10,000 pairs at the threshold', () => {
  for (const threshold of [0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1]) {
    const { bands, rows } = bandsFor(threshold);
    assert.ok(bands * rows <= 128 && (1 - threshold ** rows) ** bands <= 1e-4, `${threshold}`);
  }
  assert.equal([0.5, 0.8, 1].map(bandsFor), [
    { bands: 64, rows: 2 },
    { bands: 25, rows: 5 },
    { bands: 1, rows: 128 },
  ]);
});

test('of a chain whose neighbours alone are similar, the ends are kept', async () => {
  const first = Array.from({ length: 60 }, (_, i) => i);
  const changed = (text: number[], at: number) => text.map((token, i) => (i === at ? 1000 + at : token));
  const chain = [first, changed(first, 20), changed(changed(first, 20), 40)];
  const similarities = [chain[1]!, chain[2]!].map((text) => similarity(plainText(first), plainText(text), 5));
  assert.equal(similarities, [51 / 61, 46 / 66]);
  assert.equal((await keptOf(chain.map(plainText), {})).kept, [0, 2]);
  assert.equal((await keptOf(chain.toReversed().map(plainText), {})).kept, [0, 2]);
  assert.equal(
    (
      await keptOf(
        [1, 0, 2].map((i) => plainText(chain[i]!)),
        {},
      )
    ).kept,
    [0],
  );
});

test('one prompt with other completions, and one completion of other prompts, are kept', async () => {
  const [question, other] = [100, 300].map((from) => Array.from({ length: 80 }, (_, i) => from + i));
  const plain = [
    { prompt: question!, text: [1, 2] },
    { prompt: question!, text: [3, 4] },
    { prompt: other!, text: [1, 2] },
    { prompt: question!.map((token, i) => (i === 40 ? 7 : token)), text: [1, 2] },
  ];
  assert.equal((await keptOf(plain, {})).kept, [0, 1, 2]);
  assert.equal((await keptOf(plain, { threshold: 1 })).kept, [0, 1, 2, 3]);
  // The same tokens with the prompt's end at another place are another document.
  const moved = [plain[0]!, { prompt: [...question!, 1], text: [2] }];
  assert.equal((await keptOf(moved, {})).kept, [0, 1]);
});

test('one document of many equal ones is left, and one that is alone is kept', async () => {
  const same = Array.from({ length: 500 }, () => plainText([5, 6, 7]));
  const { kept, exact, near, tokens } = await keptOf(same, {});
  assert.equal([kept, exact, near, tokens], [[0], 499, 0, 1497]);
  assert.equal((await keptOf(same.slice(0, 1), {})).kept, [0]);
  assert.equal((await keptOf([plainText([]), plainText([])], {})).kept, [0]);
});

test('of many small documents few pairs are compared, and of long ones none twice', async () => {
  const random = randomSource(32);
  const small = Array.from({ length: 100_000 }, () =>
    plainText(Array.from({ length: 6 }, () => random.below(2000))),
  );
  const { compared, exact, near } = await deduplicateDocuments(documentsOf(small), {});
  assert.equal([exact, near], [0, 0]);
  assert.ok(compared < 1000, `${compared} pairs`);
  const giant = Array.from({ length: 100_000 }, () => random.below(50_000));
  const edited = giant.map((token, i) => (i % 100 === 0 ? token + 1 : token));
  const found = await keptOf([plainText(giant), plainText(edited)], {});
  assert.equal([found.kept, found.compared], [[0], 1]);
  assert.is(found.examples[0]!.similarity, similarity(plainText(giant), plainText(edited), 5));
});

test('other options and an abort are refused', async () => {
  const documents = documentsOf([plainText([1]), plainText([2])]);
  const refused = (options: unknown, ...words: string[]) =>
    thrown(() => deduplicateDocuments(documents, options as DeduplicateOptions), 'invalid-option', ...words);
  await refused({ threshold: 0.4 }, 'threshold of deduplicate is 0.4', '0.5 to 1');
  await refused({ threshold: Number.NaN }, 'threshold');
  await refused({ shingle: 0 }, 'shingle of deduplicate is 0');
  await refused({ jaccard: 0.8 }, 'jaccard is not an option of deduplicate');
  await refused(null, 'deduplicate is null');
  await refused(false, 'deduplicate is false');
  await thrown(
    () => deduplicateDocuments({ ...documents, ends: documents.starts.slice(1) }),
    'invalid-option',
  );
  const many = documentsOf(Array.from({ length: 3 }, (_, i) => plainText(new Array(10 ** 5).fill(i))));
  const aborted = deduplicateDocuments(many, {}, AbortSignal.abort());
  await thrown(() => aborted, 'aborted', 'looking for duplicates');
});

test.run();
