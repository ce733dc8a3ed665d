import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { moderate } from '../../../src/generate/filter/moderate.js';
import type { GenerateOptions } from '../../../src/generate/options.js';
import { FAKE_CONFIG } from '../../support/fake_core.js';
import { resolveAll } from '../../support/resolve_all.js';
import { thrown } from '../../support/thrown.js';

const filtered = (text: string, filter: GenerateOptions['filter']) =>
  moderate(text, resolveAll({ filter }, FAKE_CONFIG).filter!);

test('rules follow one another, each after what the one before left', async () => {
  const text = 'Hello Ann. Write to ann@mail.org or call 555-123-4567!\nBye.';
  const result = await filtered(text, [
    { words: { texts: ['ann'], ignoreCase: true, wholeWords: true }, replacement: '[name]' },
    'personal-data',
    (sentence) => (sentence.includes('Bye') ? { replace: '\nEnd.' } : 'allow'),
  ]);
  assert.is(result.text, 'Hello [name]. Write to [name]@mail.org or call ***!\nEnd.');
  assert.equal(
    result.filtered.map(({ rule, found, start }) => [rule, found, start]),
    [
      ['words', ['Ann'], 0],
      ['words', ['ann'], 13],
      ['phone', ['555-123-4567'], 13],
      ['function', ['Bye.'], 51],
    ],
  );
  const personal = await filtered(
    'Pay to DE89 3704 0044 0532 0130 00 by 4111 1111 1111 1111.',
    'personal-data',
  );
  assert.is(personal.text, 'Pay to *** by ***.');
});

test('words are found as banned texts are: folded, whole, overlapping', async () => {
  const replaced = async (text: string, words: NonNullable<object>) =>
    (await filtered(text, { words: words as never, replacement: '_' })).text;
  assert.is(await replaced('aXbxc', { texts: ['x'], ignoreCase: true }), 'a_b_c');
  assert.is(
    await replaced('Un CAFÉ, cafe\u0301s', { texts: ['café'], ignoreCase: true, ignoreAccents: true }),
    'Un _, _s',
  );
  assert.is(await replaced('ass, assume 😀ass', { texts: ['ass'], wholeWords: true }), '_, assume 😀_');
  assert.is(await replaced('abcd', ['abc', 'bcd']), '_');
  assert.is(await replaced('aaaa', ['aa']), '_');
});

test('English profanities are found, also disguised, and words that contain them are not', async () => {
  assert.is((await filtered('What the fuck. Such sh1t!', 'english')).text, 'What the ***. Such ***!');
  const fine = 'The class had to assume that Essex and Scunthorpe have a cocktail for the assassin.';
  assert.equal(await filtered(fine, 'english'), { text: fine, filtered: [] });
});

test('a text ends before a sentence that is stopped', async () => {
  const { text, filtered: found } = await filtered('One. Two bad. Three.', {
    words: ['bad'],
    action: 'stop',
  });
  assert.is(text, 'One.');
  assert.equal(found, [{ rule: 'words', action: 'stop', found: ['bad'], sentence: ' Two bad.', start: 4 }]);
});

test('a classifier with prompts needs a model', async () => {
  const filter = { classifier: { prompts: ['a', 'b'] as const } };
  await thrown(() => filtered('a', filter), 'invalid-option', 'needs a model');
});

test.run();
