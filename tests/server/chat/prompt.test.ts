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

test('long chats are refused before they are encoded to their end', async () => {
  for (const each of [plain, tokenizer]) {
    const prompts = chatPrompts(each);
    const { ids } = (await prompts.promptOf(TURNS, [], 1000))!;
    assert.ok(await prompts.promptOf(TURNS, [], ids.length));
    assert.is(await prompts.promptOf(TURNS, [], ids.length - 1), undefined);
  }
});

test.run();
