import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadTokenizer } from '../../../src/index.js';
import { chatPrompts } from '../../../src/server/chat/prompt.js';
import type { Turn } from '../../../src/server/chat/turns.js';
import { chatSource, withTemplate } from '../../support/chat_source.js';
import { holds } from '../../support/property.js';

const END = '<|endoftext|>';
const TURNS: Turn[] = [
  { role: 'system', content: ' Be kind.\n' },
  { role: 'user', content: 'Hi ' },
  { role: 'assistant', content: ' Hello.' },
  { role: 'user', content: 'Who are you?' },
];
const plain = await loadTokenizer(chatSource({}));
const tokenizer = await loadTokenizer(
  chatSource(
    withTemplate('{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}A:'),
  ),
);
const end = tokenizer.eosTokenId!;

test('a model without a template reads a plain form', async () => {
  const { ids, stop } = (await chatPrompts(plain).promptOf(TURNS, [], 200))!;
  assert.is(plain.decode(ids), 'Be kind.\n\nUser: Hi\nAssistant: Hello.\nUser: Who are you?\nAssistant:');
  assert.is(stop, '\nUser:');
  assert.equal(ids, plain.encode(plain.decode(ids)));
  const call = { id: 'a', type: 'function', function: { name: 'f', arguments: { n: 1 } } } as const;
  const called: Turn[] = [
    { role: 'assistant', content: '', tool_calls: [call] },
    { role: 'tool', content: '5', tool_call_id: 'a' },
  ];
  const { ids: tools } = (await chatPrompts(plain).promptOf(called, [], 200))!;
  assert.is(plain.decode(tools), 'Assistant: {"n":1}\nTool: 5\nAssistant:');
});

test('special tokens of a template are tokens, the same text in a message is text', async () => {
  const prompts = chatPrompts(tokenizer);
  const { ids, stop } = (await prompts.promptOf(TURNS, [], 200))!;
  assert.is(stop, undefined);
  assert.equal(ids, tokenizer.encode(tokenizer.decode(ids), { allowedSpecial: 'all' }));
  assert.is(ids.filter((id) => id === end).length, TURNS.length);
  const text = fc.array(
    fc.oneof(fc.constantFrom(END, '<|end', 'oftext|>', '\n'), fc.string({ maxLength: 5 })),
  );
  await holds(
    'special tokens in messages',
    fc.array(text, { minLength: 1, maxLength: 3 }),
    async (messages) => {
      const turns = messages.map((parts): Turn => ({ role: 'user', content: parts.join('') }));
      const { ids } = (await prompts.promptOf(turns, [], 10_000))!;
      assert.is(ids.filter((id) => id === end).length, turns.length);
      assert.is(tokenizer.decode(ids), `${turns.map(({ content }) => `user: ${content}${END}`).join('')}A:`);
    },
    200,
  );
});

/** A tokenizer whose model has this template. */
const templated = (template: string) => loadTokenizer(chatSource(withTemplate(template)));
const textsOf = async (turns: readonly Turn[], ending: 'answer' | 'continue' | 'none') => {
  const sources = [
    '{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}A:{% endif %}',
    '{% for m in messages %}{{ m.content | trim }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}A:{% endif %}',
  ];
  const all = [plain, ...(await Promise.all(sources.map(templated)))];
  return Promise.all(
    all.map(async (each) => each.decode((await chatPrompts(each).promptOf(turns, [], 500, { ending }))!.ids)),
  );
};

test('a chat ends with the beginning of an answer, within its last message, or after it', async () => {
  const turns: Turn[] = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: `Sure, ${END} is ` },
  ];
  assert.equal(await textsOf(turns, 'answer'), [
    `User: Hi\nAssistant: Sure, ${END} is\nAssistant:`,
    `user: Hi${END}assistant: Sure, ${END} is ${END}A:`,
    `Hi${END}Sure, ${END} is${END}A:`,
  ]);
  assert.equal(await textsOf(turns, 'continue'), [
    `User: Hi\nAssistant: Sure, ${END} is`,
    `user: Hi${END}assistant: Sure, ${END} is `,
    `Hi${END}Sure, ${END} is`,
  ]);
  assert.equal(await textsOf(turns, 'none'), [
    `User: Hi\nAssistant: Sure, ${END} is\n`,
    `user: Hi${END}assistant: Sure, ${END} is ${END}`,
    `Hi${END}Sure, ${END} is${END}`,
  ]);
  const silent = chatPrompts(await templated('{% for m in messages %}{{ m.role }}{% endfor %}'));
  let reason = '';
  await silent.promptOf(turns, [], 500, { ending: 'continue' }).catch(({ message }) => {
    reason = message;
  });
  assert.match(reason, 'does not write the last message');
});

test('a continued message ends where its text does, whatever the messages', async () => {
  const content = fc.string({ unit: fc.constantFrom('a', ' ', '\n', 'é', END, 'User:'), maxLength: 6 });
  const prompts = chatPrompts(
    await templated(
      '{% for m in messages %}[{{ m.content }}]{% endfor %}{{ messages[-1].content | length }}',
    ),
  );
  await holds(
    'continued messages',
    fc.array(content, { minLength: 1, maxLength: 3 }),
    async (contents) => {
      const turns = contents.map((content): Turn => ({ role: 'user', content }));
      const { ids } = (await prompts.promptOf(turns, [], 500, { ending: 'continue' }))!;
      const before = contents.slice(0, -1).map((content) => `[${content}]`);
      assert.is(tokenizer.decode(ids), `${before.join('')}[${contents.at(-1)}`);
      assert.not.ok(ids.includes(end));
    },
    200,
  );
});

test('templates see variables, and the time that is given', async () => {
  const prompts = chatPrompts(
    await templated(
      "{{ strftime_now('%d %b %Y') }} {{ mood }} {{ documents is none }} {{ strftime_now is defined }}",
    ),
  );
  const textOf = async (options: object) =>
    tokenizer.decode((await prompts.promptOf(TURNS, [], 200, options))!.ids);
  assert.is(await textOf({}), '26 Jul 2024  true true');
  const time = new Date('2026-02-03T00:00:00Z');
  assert.is(await textOf({ time, variables: { mood: END, documents: [] } }), `03 Feb 2026 ${END} false true`);
  // The text of a variable is no special token.
  const { ids } = (await prompts.promptOf(TURNS, [], 200, { variables: { mood: END } }))!;
  assert.not.ok(ids.includes(end));
});

test('long chats are refused before they are encoded to their end', async () => {
  for (const each of [plain, tokenizer]) {
    const prompts = chatPrompts(each);
    const { ids } = (await prompts.promptOf(TURNS, [], 1000))!;
    assert.ok(await prompts.promptOf(TURNS, [], ids.length));
    assert.is(await prompts.promptOf(TURNS, [], ids.length - 1), undefined);
  }
});

test.run();
