import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import type { NewChoice } from '../../../src/playground/choices/choice.js';
import { choicesIn, linesOf } from '../../../src/playground/choices/choice_lines.js';
import { holds } from '../../support/property.js';

const lines = suite('lines of choices');
const NOW = '2026-01-02T03:04:05.000Z';

lines('a file has one JSON object a line, with the names of TRL', () => {
  const origin = { prompt: 'Once', model: 'stories', time: NOW };
  const text = linesOf([
    { ...origin, chosen: ' upon\n', rejected: ' more' },
    { ...origin, completion: ' upon', label: false },
  ]);
  assert.is(
    text,
    `{"prompt":"Once","chosen":" upon\\n","rejected":" more","model":"stories","time":"${NOW}"}\n` +
      `{"prompt":"Once","completion":" upon","label":false,"model":"stories","time":"${NOW}"}\n`,
  );
});

lines('lines of other programs need neither model nor time; blank lines and other fields are skipped', () => {
  const text =
    '{"prompt":"p","chosen":"a","rejected":"b","score":1,"time":"never"}\r\n\n' +
    '{"prompt":"","completion":"c","label":true,"model":7,"time":"2020-05-06"}';
  assert.equal(choicesIn('x.jsonl', text, NOW), [
    { prompt: 'p', chosen: 'a', rejected: 'b', model: '', time: NOW },
    { prompt: '', completion: 'c', label: true, model: '', time: '2020-05-06T00:00:00.000Z' },
  ]);
});

for (const [line, problem] of [
  ['{"prompt":"p","chosen":"a"', /line 2 is not valid JSON/],
  ['secret words', /line 2 is not valid JSON: .* at line 1, column 1$/],
  ['[1]', /line 2 must be an object with the strings "prompt"/],
  ['null', /line 2 must be an object/],
  ['{"prompt":1,"chosen":"a","rejected":"b"}', /line 2 must be an object/],
  ['{"prompt":"p","completion":"a"}', /line 2 must be an object/],
  ['{"prompt":"p","completion":"a","label":"yes"}', /line 2 must be an object/],
  ['{"prompt":"p","completion":"a","chosen":"a","rejected":"b","label":true}', /line 2 must be an object/],
  ['{"prompt":"p","chosen":"a","rejected":"a"}', /line 2 has the same text/],
  ['{"prompt":"p","chosen":"","rejected":"a"}', /line 2 has an empty text/],
  ['{"prompt":"p","completion":"","label":true}', /line 2 has an empty completion/],
] as const) {
  lines(`a line that is no choice is named: ${line}`, () => {
    const text = `{"prompt":"p","chosen":"a","rejected":"b"}\n${line}\n`;
    try {
      choicesIn('mine.jsonl', text, NOW);
    } catch (error) {
      assert.ok(error instanceof Gpt2Error && error.code === 'invalid-file');
      assert.match(error.message, /^mine\.jsonl /);
      assert.match(error.message, problem);
      assert.not.match(error.message, /secret words/);
      return;
    }
    assert.unreachable();
  });
}

lines('a file without choices is refused', () => {
  assert.throws(() => choicesIn('empty.jsonl', '\n \n', NOW), /empty\.jsonl has no choices/);
});

const text = fc.string({ unit: 'grapheme', minLength: 1 });
const origin = {
  prompt: fc.string({ unit: 'grapheme' }),
  model: fc.string(),
  time: fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
    .map((date) => date.toISOString()),
};
const PLAIN = { noNullPrototype: true };
const choice: fc.Arbitrary<NewChoice> = fc.oneof(
  fc.record({ ...origin, completion: text, label: fc.boolean() }, PLAIN),
  fc
    .record({ ...origin, chosen: text, rejected: text }, PLAIN)
    .filter(({ chosen, rejected }) => chosen !== rejected),
);

lines('what is saved is read again as it was', () =>
  holds(
    'choices to lines and back',
    fc.array(choice, { minLength: 1 }),
    async (choices) => assert.equal(choicesIn('x.jsonl', linesOf(choices), NOW), choices),
    40,
  ),
);

lines.run();
