import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TextFinder } from '../../../src/generate/banned_texts/text_finder.js';
import { hasBanned } from '../../support/banned_in.js';
import { holds } from '../../support/property.js';

const text = (most: number) =>
  fc
    .array(fc.constantFrom('a', 'b', 'A', ' ', '.', 'é', 'e', '\u0301', 'ß', 's', '😀', '1'), {
      maxLength: most,
    })
    .map((all) => all.join(''));

test('texts are found where a regular expression finds one, at places that have one', async () => {
  let found = 0;
  await holds(
    'TextFinder',
    fc.record({
      text: text(12),
      texts: fc.array(
        text(3).filter((each) => !/^\p{M}*$/u.test(each)),
        { minLength: 1, maxLength: 4 },
      ),
      ignoreCase: fc.boolean(),
      ignoreAccents: fc.boolean(),
      wholeWords: fc.boolean(),
    }),
    async ({ text, ...options }) => {
      const spans = new TextFinder(options).find(text);
      assert.is(spans.length > 0, hasBanned('', text, options));
      for (const { start, end } of spans) {
        assert.ok(
          hasBanned('', text.slice(start, end), { ...options, wholeWords: false }),
          `${start} to ${end}`,
        );
      }
      found += spans.length;
    },
    1000,
  );
  assert.ok(found > 100);
});

test.run();
