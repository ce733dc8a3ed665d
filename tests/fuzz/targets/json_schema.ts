import { compileFormat } from '../../../src/index.js';
import { COMMON, derived, type Grammar } from '../grammar.js';
import { jsonOf, type Target, text } from '../target.js';

const SCHEMAS = [
  '{"type":"object","properties":{"name":{"type":"string","maxLength":5},"age":{"type":"integer","minimum":0}},"required":["name"]}',
  '{"anyOf":[{"const":1},{"enum":["a",null,[1]]},{"type":"array","items":{"$ref":"#/$defs/x"},"minItems":1,"maxItems":3}],"$defs":{"x":{"type":"number","multipleOf":0.5}}}',
  '{"type":"string","pattern":"^[a-c]{2,3}$","minLength":1}',
  '{"allOf":[{"type":"object","additionalProperties":false,"patternProperties":{"^x":{"type":"boolean"}}},{"not":{"required":["y"]}}]}',
  '{"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}},"$ref":"#/$defs/node"}',
];

const GRAMMAR: Grammar = {
  ...COMMON,
  start: ['<schema>', '{"$defs":{"x":<schema>,"y":<schema>},<clauses>}', '{"$id":"http://a/b",<clauses>}'],
  schema: ['true', 'false', '{}', '{<clauses>}', '{"type":<type>}', '{"type":<type>,<clauses>}'],
  type: [
    '"string"',
    '"integer"',
    '"number"',
    '"object"',
    '"array"',
    '"boolean"',
    '"null"',
    '["string","null"]',
  ],
  clauses: ['<clause>', '<clause>,<clause>', '<clause>,<clause>,<clauses>'],
  clause: [
    ...['"const":<json>', '"enum":[<json>,<json>]', '"minimum":<number>', '"exclusiveMaximum":<number>'],
    ...['"multipleOf":<number>', '"minLength":<count>', '"maxLength":<integer>', '"pattern":"<pattern>"'],
    ...[
      '"format":"<format>"',
      '"items":<schema>',
      '"prefixItems":[<schema>,<schema>]',
      '"contains":<schema>',
    ],
    ...['"minContains":<count>', '"maxContains":<count>', '"minItems":<count>', '"maxItems":<integer>'],
    ...['"uniqueItems":<boolean>', '"unevaluatedItems":<schema>', '"properties":{<properties>}'],
    ...['"required":["a","b"]', '"required":["<word>"]', '"additionalProperties":<schema>'],
    ...['"patternProperties":{"<pattern>":<schema>}', '"propertyNames":<schema>', '"minProperties":<count>'],
    ...['"maxProperties":<count>', '"dependentRequired":{"a":["b"]}', '"dependentSchemas":{"a":<schema>}'],
    ...['"unevaluatedProperties":<schema>', '"allOf":[<schema>,<schema>]', '"anyOf":[<schema>,<schema>]'],
    ...['"oneOf":[<schema>,<schema>]', '"not":<schema>', '"if":<schema>,"then":<schema>', '"else":<schema>'],
    ...['"$ref":"<reference>"', '"$dynamicRef":"#n"', '"$dynamicAnchor":"n"', '"$anchor":"k"'],
  ],
  properties: ['"a":<schema>', '"a":<schema>,"b":<schema>', '"<word>":<schema>,"a":<schema>'],
  reference: [
    '#',
    '#/$defs/x',
    '#/$defs/y',
    '#/properties/a',
    '#k',
    '#/allOf/0',
    'http://a/b#',
    '#/%24defs/x',
  ],
  pattern: ['^a', 'b$', '^[a-c]{1,3}$', '.*', '^(a|b)+$', '\\\\d+', '^$', '\\\\p{L}', '(?=a)b'],
  format: [
    'date',
    'time',
    'date-time',
    'email',
    'uri',
    'uuid',
    'ipv4',
    'ipv6',
    'duration',
    'regex',
    'json-pointer',
  ],
};

export const JSON_SCHEMA: Target = {
  ...{ name: 'json-schema', kind: 'json' },
  words: [
    'type',
    'properties',
    '$ref',
    '#',
    '#/$defs/x',
    'anyOf',
    'if',
    'then',
    'contentSchema',
    'definitions',
  ],
  seeds: () => SCHEMAS.map(text),
  fresh: (random) => text(derived(GRAMMAR, random)),
  read: (input) => compileFormat({ jsonSchema: jsonOf(input) } as never),
};
