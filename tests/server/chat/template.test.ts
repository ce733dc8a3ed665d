import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { convertModel, loadTokenizer } from '../../../src/index.js';
import { chatTemplates, compileTemplate } from '../../../src/server/chat/template.js';
import { chatSource, withTemplate } from '../../support/chat_source.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';

interface Case {
  readonly template: string;
  readonly messages: object[];
  readonly tools: object[] | null;
  readonly text?: string;
  readonly error?: string;
}
const { templates, cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/chat-templates/expected.json', import.meta.url), 'utf8'),
) as { readonly templates: Record<string, string>; readonly cases: readonly Case[] };

for (const [name, source] of Object.entries(templates)) {
  test(`a template writes what Jinja2 does: ${name}`, async () => {
    const render = await compileTemplate(source);
    for (const { messages, tools, text, error } of cases.filter(({ template }) => template === name)) {
      const end = '<|endoftext|>';
      const values = { bos_token: end, eos_token: end, add_generation_prompt: true };
      const write = () => render({ ...values, messages, tools, documents: null });
      if (error === undefined) assert.is(write(), text);
      else assert.throws(write, (thrown: Error) => thrown.message === error);
    }
  });
}

test('templates of strangers end', async () => {
  const grow = (value: string, more: string) =>
    `{% set ns = namespace(x=${value}) %}{% for i in range(60) %}{% set ns.x = ns.x ${more} ns.x %}{% endfor %}{{ ns.x | length }}`;
  const hostile = [
    '{% for i in range(1000000000) %}{% endfor %}',
    '{% for i in range(0, 5, 0) %}{% endfor %}',
    ...['', '{% break %}', '{{ i }}'].map(
      (body) => `{% set r = range(9999) %}{% for i in r %}{% for j in r %}${body}{% endfor %}{% endfor %}`,
    ),
    grow("'a'", '~'),
    grow("'a'", '+'),
    grow('[1]', '+'),
    '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}',
    // A few names for a list of lists without end.
    `{% set x = [1] %}${'{% set x = [x, x] %}'.repeat(20)}{{ x | tojson }}`,
    `{% set x = {"a": 1} %}${'{% set x = {"a": x, "b": x} %}'.repeat(20)}{{ x }}`,
    '{% set ns = namespace(a=[1]) %}{% for i in range(20) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}',
    ...['| replace("a", x)', '.replace("a", x)', '.split("a")', '| indent(10000000)', '| join(x)'].map(
      (part) => `{% set x = "a" %}${'{% set x = x ~ x %}'.repeat(14)}{{ x ${part} }}`,
    ),
    `{{ range(999) | join("${'a'.repeat(9999)}") }}`,
  ];
  for (const source of hostile) {
    const render = await compileTemplate(source);
    assert.throws(() => render({}), Error, source);
  }
  for (const source of [
    '{% if %}',
    `${'{{ '}${'('.repeat(50_000)}`,
    'a'.repeat(100_001),
    ' '.repeat(90_000),
  ]) {
    await thrown(() => compileTemplate(source), 'invalid-file', 'the chat template cannot be read');
  }
  const render = await compileTemplate('{{ messages.constructor }}{{ messages.__proto__ }}');
  assert.is(render({ messages: [] }), '');
});

test('templates may change long texts at a few places, and split them', async () => {
  const render = await compileTemplate(
    `{{ (t | replace("b", "${'c'.repeat(999)}")).split("c") | length }}{{ t.startswith("${'a'.repeat(999)}") }}`,
  );
  assert.is(render({ t: `${'a'.repeat(100_000)}b` }), '1000true');
});

test('templates are read from all files that have them', async () => {
  const read = async (more: Record<string, string>) => chatTemplates(await loadTokenizer(chatSource(more)));
  assert.is(await read({}), undefined);
  const plain = await read(withTemplate('a'));
  assert.equal([plain!.chat, plain!.toolUse, plain!.tokens.eos_token], ['a', undefined, '<|endoftext|>']);
  assert.is((await read({ ...withTemplate('a'), 'chat_template.jinja': 'b' }))!.chat, 'b');
  const list = [
    { name: 'tool_use', template: 't' },
    { name: 'default', template: 'd' },
  ];
  const named = await read(withTemplate(list));
  assert.equal([named!.chat, named!.toolUse], ['d', 't']);
  for (const none of [[{ name: 'rag', template: 'r' }], 5, [null]]) {
    assert.is(await read(withTemplate(none)), undefined);
  }
  const file = await convertModel(chatSource(withTemplate('of a GGUF file')), { weights: 'q4' });
  const parts: Uint8Array[] = [];
  for await (const part of file.bytes()) parts.push(part.slice());
  const gguf = memorySource('gguf', { 'model.gguf': new Uint8Array(Buffer.concat(parts)) });
  assert.is(chatTemplates(await loadTokenizer(gguf))!.chat, 'of a GGUF file');
});

test.run();
