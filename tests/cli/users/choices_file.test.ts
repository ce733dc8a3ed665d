import { appendFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Choice } from '../../../src/cli/users/choice_line.js';
import { ChoicesFile, MOST_BYTES } from '../../../src/cli/users/choices_file.js';
import { inFolder } from '../../support/in_folder.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';

const CHAT = [{ role: 'user', content: 'Who is Lily?' }];
const PAIR: Choice = {
  prompt: CHAT,
  chosen: 'A girl.',
  rejected: 'A\n"dog"',
  model: 'm',
  time: '2026-01-31',
};
const THUMB: Choice = { prompt: 'Once', completion: ' upon', label: false };

const plain = { noNullPrototype: true };
const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const message = fc.record({ role: text, content: text }, plain);
const prompt = fc.oneof(text, fc.array(message, { minLength: 1, maxLength: 3 }));
const choice: fc.Arbitrary<Choice> = fc.oneof(
  fc.record({ prompt, chosen: text, rejected: text, model: text, time: text }, plain),
  fc.record({ prompt, completion: text, label: fc.boolean() }, plain),
);

test('choices are read as they were added, whatever their texts, and replaced', () =>
  holds(
    'choices',
    fc.array(fc.array(choice, { maxLength: 3 }), { maxLength: 3 }),
    (groups) =>
      inFolder({}, async (folder) => {
        const file = new ChoicesFile(join(folder, 'users', 'ann', 'choices.jsonl'));
        assert.equal(await file.read(), []);
        for (const group of groups) await file.add(group);
        assert.equal(await file.read(), groups.flat());
        if (groups.length === 0) return;
        await file.replace(groups.flat().slice(1));
        assert.equal(await file.read(), groups.flat().slice(1));
      }),
    20,
    [[[PAIR], [THUMB]], [[{ ...THUMB, prompt: '\u2028\r\n' }]]],
  ));

test('lines have the form of TRL, in which answers to messages are messages, for their owner alone', () =>
  inFolder({}, async (folder) => {
    const file = new ChoicesFile(join(folder, 'choices.jsonl'));
    await file.add([PAIR, THUMB]);
    assert.equal(
      readFileSync(file.path, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
      [
        {
          ...{ prompt: CHAT, chosen: [{ role: 'assistant', content: 'A girl.' }] },
          ...{ rejected: [{ role: 'assistant', content: 'A\n"dog"' }], model: 'm', time: '2026-01-31' },
        },
        THUMB,
      ],
    );
    if (process.platform !== 'win32') assert.is(statSync(file.path).mode & 0o777, 0o600);
    await file.replace([]);
    assert.not.ok(existsSync(file.path));
  }));

test('additions at the same time do not cut each other, and a cut line harms no later one', () =>
  inFolder({}, async (folder) => {
    const file = new ChoicesFile(join(folder, 'choices.jsonl'));
    const long = 'x'.repeat(20_000);
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => file.add([{ ...THUMB, completion: `${i} ${long}` }])),
    );
    const added = (await file.read()).map((each) =>
      'completion' in each ? Number.parseInt(each.completion, 10) : -1,
    );
    assert.equal(
      added.sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i),
    );
    await file.replace([PAIR]);
    appendFileSync(file.path, '{"prompt":"a');
    assert.equal(await file.read(), [PAIR]);
    await file.add([THUMB]);
    await thrown(() => file.read(), 'invalid-file', `${file.path} line 2`);
    // A long one, too.
    writeFileSync(file.path, '{"prompt":"a');
    await file.add([{ ...THUMB, completion: 'x'.repeat(1_000_000) }]);
    assert.ok(readFileSync(file.path, 'utf8').startsWith('{"prompt":"a\n{"prompt":"Once"'));
  }));

test('a full file takes no more, and what is no choice is refused with its line', () =>
  inFolder({}, async (folder) => {
    const file = new ChoicesFile(join(folder, 'choices.jsonl'));
    await file.add([PAIR]);
    truncateSync(file.path, MOST_BYTES);
    await thrown(() => file.add([THUMB]), 'storage', 'would have more than 16777216 bytes');
    assert.is(statSync(file.path).size, MOST_BYTES);
    const right = JSON.stringify(THUMB);
    for (const [line, words] of [
      ['{', 'line 2'],
      ['5', 'line 2'],
      ['{"text":"a"}', 'needs a "prompt"'],
      ['{"prompt":[],"chosen":"a","rejected":"b"}', 'needs a "prompt"'],
      ['{"prompt":[5],"chosen":"a","rejected":"b"}', 'needs a "prompt"'],
      ['{"prompt":"a","completion":"b"}', 'needs "chosen" and "rejected", or "completion" and "label"'],
      ['{"prompt":"a","completion":"b","label":1}', 'needs "chosen"'],
      ['{"prompt":"a","chosen":5,"rejected":"b"}', 'a "chosen" that is no text'],
      ['{"prompt":"a","chosen":"b","rejected":[]}', 'a "rejected" that is no text'],
    ] as const) {
      writeFileSync(file.path, `${right}\n${line}\n`);
      await thrown(() => file.read(), 'invalid-file', 'line 2', words);
    }
    await thrown(() => new ChoicesFile(folder).add([THUMB]), 'storage', folder);
  }));

test.run();
