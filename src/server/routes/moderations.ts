import * as v from 'valibot';
import { classesIn, FILTER_CLASSES, type FilterClass } from '../../generate/filter/classes.js';
import { checkCount } from '../inputs.js';
import { optional, parseRequest, text } from '../parse_request.js';
import type { Route } from '../route.js';

const part = v.strictObject({ type: v.literal('text'), text });

const SCHEMA = v.strictObject({
  model: optional(text),
  input: v.union(
    [text, v.pipe(v.array(text), v.minLength(1)), v.pipe(v.array(part), v.minLength(1))],
    'a text, an array of at least one text, or an array of parts of one, {"type": "text", "text": "..."}',
  ),
});

/** Classes of OpenAI's models. Nothing here finds them, so that they apply to no input. */
const UNJUDGED = [
  ...['harassment', 'harassment/threatening', 'hate', 'hate/threatening', 'illicit', 'illicit/violent'],
  ...['self-harm', 'self-harm/instructions', 'self-harm/intent', 'sexual', 'sexual/minors'],
  ...['violence', 'violence/graphic'],
];

/** What judges: the lists of the option `filter`. */
const MODEL = 'gpt2-wasm-filter';

/**
 * What the lists of the generation filter find in texts: `english` profanities, and personal data, `email`, `phone`,
 * `card` and `iban`. Clients expect OpenAI's classes too: these are false, and apply to no type of input. The parameter
 * `model` may name any: no model judges.
 */
export const moderations: Route = {
  method: 'POST',
  path: '/v1/moderations',
  async answer({ body, limits, exchange }) {
    const { input } = parseRequest(SCHEMA, await body(), this.path);
    const texts = textsOf(input);
    checkCount(texts, 'input', limits.inputs);
    exchange.compute();
    exchange.note({ model: MODEL });
    const results: object[] = [];
    for (const each of texts) results.push(resultOf(await classesIn(each, exchange.signal)));
    return Response.json({ id: `modr-${crypto.randomUUID()}`, model: MODEL, results });
  },
};

/** The parts of a text are judged together. */
function textsOf(input: v.InferOutput<typeof SCHEMA>['input']): readonly string[] {
  if (typeof input === 'string') return [input];
  const parts = input.map((each) => (typeof each === 'string' ? undefined : each.text));
  return parts.length > 0 && parts.every((each) => each !== undefined)
    ? [parts.join('\n')]
    : (input as readonly string[]);
}

function resultOf(found: ReadonlySet<FilterClass>): object {
  const all = [...UNJUDGED, ...FILTER_CLASSES];
  const each = (value: (name: string) => unknown) =>
    Object.fromEntries(all.map((name) => [name, value(name)]));
  const isFound = (name: string) => found.has(name as FilterClass);
  return {
    flagged: found.size > 0,
    categories: each(isFound),
    // Lists and check digits know no probabilities.
    category_scores: each((name) => (isFound(name) ? 1 : 0)),
    category_applied_input_types: each((name) => (UNJUDGED.includes(name) ? [] : ['text'])),
  };
}
