import { Gpt2Error } from '../../../../base/errors.js';
import { ALL_CODE_POINTS, anyText, codePoints } from '../../expressions/code_points.js';
import type { Expression } from '../../expressions/expression.js';
import { compileSearch } from '../../regex/compile_regex.js';
import type { Context } from '../claims/context.js';
import type { Clause, Domain } from '../claims/domain.js';
import { nameOf, type SchemaNode } from '../documents/documents.js';
import { refused } from '../refuse.js';
import { stringFormat } from '../string_formats/string_formats.js';
import { allowedValues, badValue, countOf, has, keywordValue, typesOf } from './keywords.js';

/** Strings as a set of decoded texts in UTF-8. */
export class StringDomain implements Domain<Expression> {
  readonly name = 'strings';
  readonly everything: Expression;
  readonly #context: Pick<Context, 'make' | 'formats'>;

  constructor(context: Pick<Context, 'make' | 'formats'>) {
    this.#context = context;
    this.everything = anyText(context.make);
  }

  key(shape: Expression): string {
    return `${shape.id}`;
  }

  unannotated(shape: Expression): Expression {
    return shape;
  }

  merge(a: Expression, b: Expression): Expression | undefined {
    if (a === this.everything || a === b) return b;
    if (b === this.everything) return a;
    const both = this.#context.make.both([a, b]).pruned();
    return both === this.#context.make.nothing ? undefined : both;
  }

  /** All shapes as one. */
  simplified(shapes: readonly Expression[]): readonly Expression[] {
    return shapes.includes(this.everything) ? [this.everything] : [this.#context.make.choice(shapes)];
  }

  clause(node: SchemaNode, keyword: string): Clause<Expression> | undefined {
    const { make } = this.#context;
    switch (keyword) {
      case 'type': {
        const isString = typesOf(node).has('string');
        return this.#clause(isString ? this.everything : make.nothing);
      }
      case 'enum':
      case 'const': {
        const texts = allowedValues(node, keyword).filter((value) => typeof value === 'string');
        return this.#clause(make.literals(texts));
      }
      case 'minLength':
      case 'maxLength': {
        if (keyword === 'maxLength' && has(node, 'minLength')) return undefined;
        const min = has(node, 'minLength') ? countOf(node, 'minLength') : 0;
        const max = has(node, 'maxLength') ? countOf(node, 'maxLength') : Number.POSITIVE_INFINITY;
        const one = codePoints(make, [ALL_CODE_POINTS]);
        const lengths = (least: number, most: number) =>
          least > most ? [] : [make.repeat(one, least, most)];
        // A complement would have a state for each length.
        const fails = min > max ? [this.everything] : [...lengths(0, min - 1), ...lengths(max + 1, Infinity)];
        return { holds: () => lengths(min, max), fails: () => fails };
      }
      case 'pattern': {
        const pattern = keywordValue(node, keyword);
        if (typeof pattern !== 'string') throw badValue(node, keyword, 'a regular expression');
        return this.#clause(this.search(`${nameOf(node)}/${keyword}`, pattern));
      }
      case 'format':
        return this.#format(node);
      default:
        return undefined;
    }
  }

  #format(node: SchemaNode): Clause<Expression> | undefined {
    const { make, formats } = this.#context;
    // Those of the meta-schemas are annotations by their vocabulary.
    const isStrings = has(node, 'type') && typesOf(node).has('string') && !node.document.isMetaschema;
    if (formats === 'none' || (formats === 'strings' && !isStrings)) return undefined;
    const name = keywordValue(node, 'format');
    if (typeof name !== 'string') throw badValue(node, 'format', 'the name of a format');
    const language = stringFormat(make, name);
    if (language === 'unsupported') {
      throw refused(
        `${nameOf(node)}/format`,
        `${JSON.stringify(name)} is not supported; use a pattern, or the option formats: 'none'`,
      );
    }
    return language && this.#clause(language);
  }

  /** The texts in which a pattern is found. `at`: the place of the pattern in messages. */
  search(at: string, pattern: string): Expression {
    try {
      return compileSearch(this.#context.make, pattern);
    } catch (error) {
      if (error instanceof Gpt2Error) throw refused(at, error.message);
      throw error;
    }
  }

  #clause(language: Expression): Clause<Expression> {
    const { make } = this.#context;
    return { holds: () => listed(language), fails: () => listed(this.complement(language)) };

    function listed(expression: Expression): readonly Expression[] {
      const pruned = expression.pruned();
      return pruned === make.nothing ? [] : [pruned];
    }
  }

  /** All texts that a language lacks. */
  complement(language: Expression): Expression {
    const { make } = this.#context;
    if (language === this.everything) return make.nothing;
    return make.both([this.everything, make.not(language)]).pruned();
  }
}
