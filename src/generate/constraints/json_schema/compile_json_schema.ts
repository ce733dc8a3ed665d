import { invalidOption, quotedList } from '../../../base/check_options.js';
import type { Expression } from '../expressions/expression.js';
import type { Expressions } from '../expressions/expressions.js';
import type { JsonSchemaFormat } from '../format.js';
import type { Context } from './claims/context.js';
import { Goals } from './claims/goals.js';
import { Documents } from './documents/documents.js';
import type { Json } from './documents/json.js';
import { PossibleGoals } from './plans/possible_goals.js';
import { refused } from './refuse.js';
import { Shapes } from './shapes/shapes.js';
import { ValueTexts } from './texts/value_texts.js';

/** The value of an option; the first one is the default. */
function chosen<Name extends 'order' | 'whitespace' | 'formats'>(
  format: JsonSchemaFormat,
  name: Name,
  values: readonly NonNullable<JsonSchemaFormat[Name]>[],
): NonNullable<JsonSchemaFormat[Name]> {
  const value = format[name] ?? values[0]!;
  if (!values.includes(value)) throw invalidOption(`format.${name}`, value, quotedList(values));
  return value;
}

/** Number of formats that were compiled, so that their rules have different names. */
let count = 0;

/**
 * The JSON texts that are valid against a schema of draft 2020-12 or 7. Numbers have at most 21 digits before the
 * point and 22 after it; integers have no fraction.
 *
 * Throws `invalid-option`, with the place in the schema, for what is not supported, for schemas that combine too
 * much, and if no value is valid.
 */
export function compileJsonSchema(make: Expressions, format: JsonSchemaFormat): Expression {
  const documents = new Documents(format.jsonSchema as Json);
  const goals = new Goals(documents);
  const order = chosen(format, 'order', ['schema', 'any']);
  const whitespace = chosen(format, 'whitespace', ['compact', 'any']);
  const formats = chosen(format, 'formats', ['strings', 'all', 'none']);
  const open = { make, documents, goals, order, whitespace, formats };
  const shapes = new Shapes(open);
  const context: Context = { ...open, isClearlyEmpty: shapes.isClearlyEmpty };
  const root = goals.test(documents.root, goals.scopes.outside).yes;
  const possible = new PossibleGoals(context, shapes, root);
  const name = `json ${count++}`;
  // Arrays whose items cannot all differ make other values impossible too.
  for (let round = 0; possible.has(root); round++) {
    const texts = new ValueTexts(context, possible, `${name}.${round}`);
    const dead = possible.distinctArrays.filter((plan) => texts.isDead(plan));
    if (dead.length === 0) return texts.document(root);
    possible.remove(new Set(dead));
  }
  throw refused('#', 'no JSON matches this schema, because its conditions contradict each other');
}
