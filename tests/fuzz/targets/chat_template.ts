import { compileTemplate } from '../../../src/server/chat/template.js';
import { COMMON, derived, type Grammar } from '../grammar.js';
import { type Target, text, textOf } from '../target.js';

const GRAMMAR: Grammar = {
  ...COMMON,
  start: [
    '<parts>',
    '{% for m in messages %}<parts>{% endfor %}',
    '{%- macro f(x, y=1) -%}<parts>{%- endmacro -%}<parts>',
  ],
  parts: ['<part>', '<part><part>', '<part><parts>'],
  part: [
    ...['<word>', '{{ <value> }}', '{{- <value> -}}', '{% if <value> %}<parts>{% else %}<parts>{% endif %}'],
    ...[
      '{% if <value> %}<parts>{% elif <value> %}<parts>{% endif %}',
      '{# <word> #}',
      '{% set x = <value> %}',
    ],
    ...['{% for i in <list> %}<parts>{% endfor %}', '{% for k, v in <object>.items() %}<parts>{% endfor %}'],
    ...[
      '{% for i in <list> if <value> %}<part>{% else %}<part>{% endfor %}',
      '{% set ns = namespace(a=<value>) %}',
    ],
    ...[
      '{% set ns.a = <value> %}',
      '{% raw %}{{ a }}{% endraw %}',
      '{% filter upper %}<parts>{% endfilter %}',
    ],
    ...[
      '{% set x %}<parts>{% endset %}',
      '{% call f(1) %}<part>{% endcall %}',
      '{% break %}',
      '{% continue %}',
    ],
    // Values that a short template makes large.
    ...['[x, x]', '{"a": x, "b": x}', 'x ~ x', 'x + x'].map((value) => `{% set x = ${value} %}`.repeat(18)),
    ' '.repeat(2000),
  ],
  value: [
    ...['x', 'm', 'i', '<text>', '<number>', 'true', 'none', '<list>', '<object>', '(<value>)', '-<value>'],
    ...['m.role', "m['content']", 'm.content', 'messages[0].content', 'messages[-1]', '<value>[<slice>]'],
    ...['not <value>', '<value> <operator> <value>', '<value> is <test>', '<value> is not <test>'],
    ...[
      '<value> | <filter>',
      '<value> if <value> else <value>',
      '<value>.<method>',
      'loop.<loop>',
      'f(<value>)',
    ],
    ...['range(<number>)', 'raise_exception(<text>)', 'strftime_now(<text>)', 'ns.a', 'undefined.a'],
  ],
  text: ["'<word>'", '"<word>"', "'\\n'", "''"],
  list: ['[]', '[<value>]', '[<value>, <value>]', 'messages', 'range(3)', '(<value>, <value>)', 'x'],
  object: ['{}', "{'a': <value>}", 'm', "{'a': <value>, 'b': <value>}"],
  slice: ['0', '-1', '1:', ':2', '::-1', '<integer>', '<value>'],
  operator: ['+', '-', '*', '/', '//', '%', '**', '~', '==', '!=', '<', '>=', 'and', 'or', 'in', 'not in'],
  test: ['defined', 'none', 'string', 'number', 'mapping', 'iterable', 'odd', 'equalto(1)', 'in [1]', 'true'],
  filter: [
    ...[
      'trim',
      'upper',
      'lower',
      'length',
      'tojson',
      'tojson(indent=2)',
      'join(",")',
      'first',
      'last',
      'sort',
    ],
    ...[
      "default('a')",
      "replace('a', 'b')",
      'list',
      'string',
      'int',
      'float',
      'round',
      'abs',
      'reverse',
      'unique',
    ],
    ...[
      "selectattr('role', 'equalto', 'user')",
      "map(attribute='role')",
      'map("upper")',
      'reject("none")',
      'title',
    ],
    ...[
      'capitalize',
      'indent(4)',
      'items',
      'dictsort',
      'safe',
      'escape',
      'batch(2)',
      'sum',
      'wordcount',
      'center(9)',
    ],
  ],
  method: [
    ...[
      'strip()',
      "split('a')",
      "startswith('a')",
      'upper()',
      'items()',
      'keys()',
      "get('a')",
      "replace('a','b')",
    ],
    ...[
      "join(['a'])",
      'append(1)',
      'rstrip()',
      'title()',
      'format(1)',
      "endswith(('a','b'))",
      'values()',
      "count('a')",
    ],
  ],
  loop: [
    'index',
    'index0',
    'first',
    'last',
    'length',
    'previtem',
    'nextitem',
    'cycle(1,2)',
    'revindex',
    'changed(1)',
  ],
};

const MESSAGES = [
  { role: 'system', content: 'Be kind.' },
  { role: 'user', content: 'Hi <b>"' },
];

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
    'set',
    'namespace',
    'messages',
    '| tojson',
    'range(',
    '**',
  ],
  seeds: () =>
    [
      "{% for m in messages %}{{ m['role'] + ': ' + m['content'] | trim + '\\n' }}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}",
      '{%- set ns = namespace(n=0) -%}{%- for m in messages -%}{%- set ns.n = ns.n + loop.index -%}{{ ns.n }}{{ m | tojson }}{%- endfor -%}',
      '{% macro say(x) %}<{{ x }}>{% endmacro %}{{ say(messages[0].content) }}{{ range(3) | join(",") }}',
    ].map(text),
  fresh: (random) => text(derived(GRAMMAR, random)),
  async read(input) {
    const render = await compileTemplate(textOf(input));
    try {
      render({ messages: MESSAGES, add_generation_prompt: true } as never);
    } catch {
      // The server answers every error of a template as one of the model's template.
    }
  },
};
