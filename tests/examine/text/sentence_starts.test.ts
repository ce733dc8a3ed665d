import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sentenceStarts } from '../../../src/examine/text/sentence_starts.js';
import { assertGrowth, leastWork } from '../../support/work.js';

const sentences = (text: string) => {
  const cuts = [0, ...sentenceStarts(text), text.length];
  return cuts.slice(1).map((end, i) => text.slice(cuts[i], end).trim());
};

test('sentences end at marks before white space, after quotation marks that close', () => {
  for (const expected of [
    ['It rained.', 'It poured!', 'Why?'],
    ['"Stop!" he said.', '"Go on."', '(She did.)', 'He left…', 'So?!'],
    ['“Yes.”', 'No.'],
    ['It costs 3.50 euros at a.b.com today.', 'Cheap.'],
    ['So am I.', 'So are you.'],
    ['क्या यह सच है।', 'हाँ।'],
    ['هل هذا صحيح؟', 'نعم.'],
  ]) {
    assert.equal(sentences(expected.join(' ')), expected);
    assert.equal(sentences(` ${expected.join('\r\n')}  `), expected);
  }
});

test('full stops of names and abbreviations end no sentence', () => {
  for (const whole of [
    'Mr. Fox met Dr. J. R. Smith.',
    'The U.S. Army came, e.g. Gen. Lee.',
    'See etc. and so on.',
  ]) {
    assert.equal(sentences(`${whole} Then.`), [whole, 'Then.']);
  }
});

test('full stops of Chinese and Japanese need no white space, and an empty line ends anything', () => {
  assert.equal(sentences('今日は。「はい！」と言った。明日'), [
    '今日は。',
    '「はい！」',
    'と言った。',
    '明日',
  ]);
  assert.equal(sentences('A title\n \n\r\nA text without a mark'), ['A title', 'A text without a mark']);
  assert.equal(sentences('\n\n\n'), ['']);
  assert.equal(sentenceStarts(''), []);
});

test('the time grows with the length of the text alone', async () => {
  for (const piece of ['.', '\n', '. ', '")', '.")', ' \n', 'a.', '。', 'A.B.', '! ']) {
    const work = (count: number) => () => leastWork(() => sentenceStarts(piece.repeat(count)));
    await assertGrowth(work(80_000), work(10_000), 24, JSON.stringify(piece));
  }
});

test.run();
