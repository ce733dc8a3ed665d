import { Gpt2Error } from '../../../base/errors.js';
import { hasLongSpace } from '../../../base/long_space.js';
import { Evaluator } from './evaluator.js';
import type { Node, Program } from './nodes.js';
import type { Value } from './values.js';

/** Longest source of a template, in characters. */
const LONGEST = 100_000;

/** Makes templates of sources. */
export type Compile = (source: string, where: string) => Template;

/**
 * A template in the part of Jinja that task files use: `{{ }}`, `{% if %}`, `{% for %}`, `{% set %}`, filters,
 * and methods of Python's texts and lists. Undefined names are errors. White space stays as it is written.
 *
 * The parser is that of `@huggingface/jinja`, which makes no code of a text, as pages with a strict policy and
 * edge runtimes need. The evaluation is our own: it ends, it counts its steps, and names that JavaScript gives to
 * every object mean nothing.
 */
export class Template {
  readonly #body: readonly Node[];
  readonly #where: string;

  constructor(body: readonly Node[], where: string) {
    this.#body = body;
    this.#where = where;
  }

  /**
   * The value of a template that is one expression, otherwise the text that it writes. Throws `invalid-file`
   * with the place of the template.
   */
  evaluate(values: Readonly<Record<string, Value>>): Value {
    const evaluator = new Evaluator(new Map(Object.entries(values)));
    const [only, ...others] = this.#body;
    try {
      const isExpression = only !== undefined && others.length === 0 && !STATEMENTS.has(only.type);
      return isExpression ? evaluator.value(only) : evaluator.write(this.#body);
    } catch (cause) {
      const { message } = cause as Error;
      throw new Gpt2Error('invalid-file', `${this.#where} cannot be evaluated: ${message}`, { cause });
    }
  }
}

const STATEMENTS = new Set(['If', 'For', 'Set', 'Comment']);

/** Loads the parser. Equal sources are parsed once. */
export async function templateCompiler(): Promise<Compile> {
  const { parse, tokenize } = await import('@huggingface/jinja');
  const parsed = new Map<string, readonly Node[]>();
  return (source, where) => {
    let body = parsed.get(source);
    if (body === undefined) {
      if (source.length > LONGEST) throw new Gpt2Error('invalid-file', `${where} is too long`);
      if (hasLongSpace(source))
        throw new Gpt2Error('invalid-file', `${where} has more than 1024 characters of white space in a row`);
      try {
        // The parser drops one line break at the end, and blocks keep the space around them.
        const tokens = tokenize(`${source}\n`, { lstrip_blocks: false, trim_blocks: false });
        body = (parse(tokens) as unknown as Program).body;
      } catch (cause) {
        const { message } = cause as Error;
        throw new Gpt2Error('invalid-file', `${where} is no valid template: ${message}`, { cause });
      }
      parsed.set(source, body);
    }
    return new Template(body, where);
  };
}
