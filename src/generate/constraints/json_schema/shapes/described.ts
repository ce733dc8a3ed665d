import { isObject, type Json } from '../documents/json.js';

/** A schema for one of several arrays and objects, by schemas for their parts. */
export function described(values: readonly Json[]): Json {
  if (values.length === 0) return false;
  return values.length === 1 ? describedOne(values[0]!) : { anyOf: values.map(describedOne) };
}

function describedOne(value: Json): Json {
  if (Array.isArray(value)) {
    if (value.length === 0) return { type: 'array', maxItems: 0 };
    const prefixItems = value.map((item) => ({ const: item }));
    return { type: 'array', prefixItems, items: false, minItems: value.length };
  }
  const members = isObject(value) ? Object.entries(value) : [];
  return {
    type: 'object',
    // Object.fromEntries also defines a property of the name __proto__.
    properties: Object.fromEntries(members.map(([name, member]) => [name, { const: member }])),
    required: members.map(([name]) => name),
    additionalProperties: false,
  };
}
