import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { counterfactualDocuments } from '../../../../src/examine/bias/counterfactual/augment.js';
import { GENDERED_WORDS } from '../../../../src/examine/bias/counterfactual/gendered_words.js';
import { WordSwap } from '../../../../src/examine/bias/counterfactual/word_swap.js';
import { augmentCounterfactual, readWordPairs } from '../../../../src/examine.js';
import type { DocumentPart } from '../../../../src/files/data_file.js';
import { thrown } from '../../../support/thrown.js';

const swap = new WordSwap();

const SWAPS: readonly (readonly [text: string, other: string])[] = [
  ['He saw the girl.', 'She saw the boy.'],
  ['THE KING and his Queen', 'THE QUEEN and her King'],
  ['She gave her the book.', 'He gave him the book.'],
  ['She took her book and hugged her.', 'He took his book and hugged him.'],
  ['He took his book. It is his.', 'She took her book. It is hers.'],
  ['The book is hers, not his', 'The book is his, not hers'],
  ['He\u2019s my father\u2019s uncle.', 'She\u2019s my mother\u2019s aunt.'],
  ["the boy's dog; the boys' dog", "the girl's dog; the girls' dog"],
  ['Her mom saw him.', 'His dad saw her.'],
  ['There, other, chef, shed, the, human', 'There, other, chef, shed, the, human'],
];

test('words change places, and keep their capital letters', () => {
  for (const [text, other] of SWAPS) assert.is(swap.swap(text).text, other);
});

test('words are counted, and the built-in pairs are different words', () => {
  assert.is(swap.swap('He saw her and the king.').swapped, 3);
  const all = GENDERED_WORDS.flat();
  assert.is(new Set(all).size, all.length);
});

test('two swaps give the text again, but for words with several others', () => {
  for (const word of GENDERED_WORDS.flat()) {
    if (word === 'her') continue;
    assert.is(swap.swap(swap.swap(`X ${word}.`).text).text, `X ${word}.`);
  }
});

test('a text with words of the pairs is followed by its counterpart', () => {
  assert.equal(augmentCounterfactual(['He ran.', 'It rained.']), ['He ran.', 'She ran.', 'It rained.']);
  const curly = [['he\u2019s', 'SHE\u2019s']] as const;
  assert.equal(augmentCounterfactual(["He's in", 'he\u2019s'], curly), [
    "He's in",
    "She's in",
    'he\u2019s',
    'she\u2019s',
  ]);
  const pairs = readWordPairs('Berlin, Paris\ncat\tdog\n\n');
  assert.equal(augmentCounterfactual(['Her cats, a CAT in paris'], pairs), [
    'Her cats, a CAT in paris',
    'Her cats, a DOG in berlin',
  ]);
});

test('documents in parts are followed by theirs', async () => {
  const part = (text: string, last: boolean, prompt = ''): DocumentPart => ({
    ...{ file: 'a', line: 1, prompt, text, last },
  });
  async function* given() {
    yield part('It was a boy', false);
    yield part(' with a dog.', true);
    yield part('It rained.', true);
    yield part('Yes.', true, 'Is he here?');
  }
  const found: DocumentPart[] = [];
  for await (const each of counterfactualDocuments(given(), swap)) found.push(each);
  assert.equal(found, [
    part('It was a boy', false),
    part(' with a dog.', true),
    part('It was a girl', false),
    part(' with a dog.', true),
    part('It rained.', true),
    part('Yes.', true, 'Is he here?'),
    part('Yes.', true, 'Is she here?'),
  ]);
});

test('pairs that are none are refused', async () => {
  for (const pairs of [
    [],
    [['a']],
    [['a', 'A']],
    [["a'b", 'a\u2019b']],
    [['a b', 'c']],
    [['a', 3]],
    'he she',
  ]) {
    await thrown(() => augmentCounterfactual(['x'], pairs as never), 'invalid-option', 'pairs');
  }
  await thrown(() => augmentCounterfactual('x' as never), 'invalid-option', 'texts');
  await thrown(() => readWordPairs('a b\nc\n', 'p.txt'), 'invalid-file', 'p.txt line 2');
  await thrown(() => readWordPairs('\n'), 'invalid-file', 'no pairs');
});

test.run();
