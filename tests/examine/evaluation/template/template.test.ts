import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { templateCompiler } from '../../../../src/examine/evaluation/template/template.js';
import { asText, isEqual, sizeOf, type Value } from '../../../../src/examine/evaluation/template/values.js';
import { thrown } from '../../../support/thrown.js';

const path = new URL('../../../fixtures/jinja/templates.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as {
  cases: { template: string; values: Record<string, Value>; text: string }[];
};
const compile = await templateCompiler();
const value = (source: string, values: Record<string, Value> = {}) =>
  compile(source, 'the template').evaluate(values);

test("templates write what Python's Jinja writes", () => {
  for (const { template, values, text } of cases) assert.is(asText(value(template, values)), text, template);
});

test('values that nest without end are refused', async () => {
  const cycle: Value[] = [];
  cycle.push(cycle);
  const other: Value[] = [cycle];
  await thrown(() => asText(cycle), 'invalid-file', 'nests deeper than 500 levels');
  await thrown(() => asText({ a: cycle }), 'invalid-file', 'nests deeper than 500 levels');
  await thrown(() => sizeOf(cycle, 1e6), 'invalid-file', 'nests deeper than 500 levels');
  await thrown(() => isEqual(cycle, other), 'invalid-file', 'nests deeper than 500 levels');
});

test('a template that is one expression has its value', () => {
  assert.equal(value('{{[a, b]}}', { a: "it's", b: '"\n' }), ["it's", '"\n']);
  assert.is(value('{{choices.label.index(key)}}', { choices: { label: ['A', 'B'] }, key: 'B' }), 1);
  assert.is(value('{{ n }} ', { n: 1 }), '1 ');
});

test('names that are not there are errors with the place, and those of JavaScript mean nothing', async () => {
  const wrong = (source: string, ...words: RegExp[]) => thrown(() => value(source), 'invalid-file', ...words);
  await wrong('{{ a }}', /^the template cannot be evaluated: a is not defined/);
  await wrong('{{ constructor }}', /constructor is not defined/);
  await wrong('{{ {}.constructor }}', /constructor is not defined/);
  await wrong("{{ {'a': 1}['__proto__'] }}", /__proto__ is not defined/);
  await wrong("{{ 'a'.constructor('return 1') }}", /no method constructor/);
  await wrong("{{ 'a'|constructor }}", /no filter constructor/);
  await wrong("{{ ['a'].index('b') }}", /index does not find/);
  await wrong("{{ 1 + 'a' }}", /cannot be applied to a number and a text/);
  await wrong('{{ a', /is no valid template/);
  await wrong('{% macro m() %}{% endmacro %}', /no Macro/);
});

test('a template of a stranger ends', async () => {
  const endless = [
    '{% for a in range(1000000) %}{% for b in range(1000000) %}x{% endfor %}{% endfor %}',
    '{{ range(1000000000)|join }}',
    `{% set a = [${'range(500000),'.repeat(300)}] %}`,
    '{% set a = range(90000) %}{% for i in a %}{% if -1 in a %}{% endif %}{% endfor %}',
    `{% set a = 'x,'|list %}${'{% set a = a + a %}'.repeat(23)}${'{% set b = a + a %}'.repeat(500)}`,
    `{% set a = 'xxxxxxxxxx' %}${'{% set a = a ~ a %}'.repeat(40)}{{ a }}`,
    ...['{{ a }}', '{{ a ~ 1 }}', '{% if a == b %}{% endif %}', '{{ [a].count(b) }}', '{{ a | join }}'].map(
      (use) =>
        `{% set a = [1] %}{% set b = [1] %}${'{% set a = [a, a] %}{% set b = [b, b] %}'.repeat(30)}${use}`,
    ),
    `{% set a = {"b": 1} %}${'{% set a = {"b": a, "c": a} %}'.repeat(30)}{{ a }}`,
    ...['a.replace("x", a)', 'a | replace("x", a)', 'range(9000) | join(a)', 'a.join(range(9000))'].map(
      (use) => `{% set a = 'x' %}${'{% set a = a ~ a %}'.repeat(13)}{{ ${use} }}`,
    ),
  ];
  for (const source of endless) {
    const error = await thrown(() => value(source), 'invalid-file', /too (many steps|long)/);
    assert.ok(error.message.length < 1000);
  }
  await thrown(() => value(`${' '.repeat(90_000)}{{`), 'invalid-file', /white space in a row/);
});

test.run();
