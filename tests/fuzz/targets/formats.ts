import { compileFormat } from '../../../src/index.js';
import { compileTemplate } from '../../../src/server/chat/template.js';
import { type Target, text, textOf } from '../target.js';
import { keptTexts } from '../texts.js';

const SCHEMAS = [
  '{"type":"object","properties":{"name":{"type":"string","maxLength":5},"age":{"type":"integer","minimum":0}},"required":["name"]}',
  '{"anyOf":[{"const":1},{"enum":["a",null,[1]]},{"type":"array","items":{"$ref":"#/$defs/x"},"minItems":1,"maxItems":3}],"$defs":{"x":{"type":"number","multipleOf":0.5}}}',
  '{"type":"string","pattern":"^[a-c]{2,3}$","format":"date"}',
  '{"allOf":[{"type":"object","additionalProperties":false,"patternProperties":{"^x":{"type":"boolean"}}},{"not":{"required":["y"]}}]}',
  '{"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}},"$ref":"#/$defs/node"}',
];

export const JSON_SCHEMA: Target = {
  ...{ name: 'json-schema', kind: 'json' },
  words: [
    'type',
    'properties',
    'items',
    '$ref',
    '#',
    '#/$defs/x',
    'anyOf',
    'allOf',
    'oneOf',
    'not',
    'if',
    'then',
    'pattern',
    'minItems',
    'maxLength',
    'enum',
    'const',
    'dependentSchemas',
    'unevaluatedProperties',
    'prefixItems',
    'contains',
    'format',
    'date-time',
  ],
  seeds: () => SCHEMAS.map(text),
  async read(input) {
    let jsonSchema: unknown;
    try {
      jsonSchema = JSON.parse(textOf(input));
    } catch {
      jsonSchema = textOf(input);
    }
    await compileFormat({ jsonSchema } as never);
  },
};

export const REGEX: Target = {
  ...{ name: 'regex', kind: 'text' },
  words: [
    '(?:',
    '(?=',
    '(?<n>',
    '\\k<n>',
    '\\p{L}',
    '\\b',
    '[^',
    '{2,5}',
    '|',
    '(?i)',
    '\\u{1F600}',
    '\\x41',
    '.*',
    '$',
  ],
  seeds: () =>
    [
      'a(b|c)*d?',
      '[\\w.]+@[a-z]{2,8}\\.com',
      '(\\d{3}-){2}\\d{4}',
      '^(yes|no)$',
      '\\p{Lu}\\p{Ll}+(?: [A-Z]\\.)?',
      '[^\\s"]{1,20}',
    ].map(text),
  read: (input) => compileFormat({ regex: textOf(input) } as never),
};

export const GRAMMAR: Target = {
  ...{ name: 'gbnf', kind: 'text' },
  words: ['root', '::=', '|', '(', ')', '*', '+', '?', '{2,3}', '"', '[^', '\n', '#', '\\n', '\\x41', '.'],
  seeds: () => keptTexts('grammars', ['chess.gbnf', 'json.gbnf']).map(text),
  read: (input) => compileFormat({ grammar: textOf(input) } as never),
};

export const CHAT_TEMPLATE: Target = {
  ...{ name: 'chat-template', kind: 'text' },
  words: [
    '{{',
    '}}',
    '{%',
    '%}',
    'for',
    'endfor',
    'if',
    'else',
    'set',
    'namespace',
    'loop.index',
    'messages',
    '| tojson',
    '| trim',
    'range(',
    'raise_exception(',
    'macro',
    '~',
    '**',
    '[::-1]',
  ],
  seeds: () =>
    [
      "{% for m in messages %}{{ m['role'] + ': ' + m['content'] | trim + '\\n' }}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}",
      '{%- set ns = namespace(n=0) -%}{%- for m in messages -%}{%- set ns.n = ns.n + loop.index -%}{{ ns.n }}{{ m | tojson }}{%- endfor -%}',
      '{% macro say(x) %}<{{ x }}>{% endmacro %}{{ say(messages[0].content) }}{{ range(3) | join(",") }}',
    ].map(text),
  async read(input) {
    const render = await compileTemplate(textOf(input));
    try {
      render({ messages: [{ role: 'user', content: 'Hi <b>"' }], add_generation_prompt: true } as never);
    } catch {
      // The server answers every error of a template as one of the model's template.
    }
  },
};
