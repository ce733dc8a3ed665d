import { applyFilter, sequence } from './filters.js';
import { callMethod } from './methods.js';
import { child, children, type Node, optional, textOf } from './nodes.js';
import { operate } from './operators.js';
import {
  asText,
  entry,
  isList,
  isObject,
  isTrue,
  Missing,
  sizeOf,
  templateError,
  type Value,
} from './values.js';

/** Most nodes that one evaluation visits, and characters that it writes: a file of a stranger may loop. */
const MOST_STEPS = 1e6;
const MOST_CHARACTERS = 2 ** 22;
/** Most characters and items that operators, filters and methods of one evaluation read and make. */
const MOST_SIZE = 2 ** 22;

/** Values of names. */
export type Names = Map<string, Value>;

/** Evaluates one template with values of names. */
export class Evaluator {
  readonly #names: Names;
  #steps = 0;
  #written = 0;
  #size = 0;

  constructor(names: Names) {
    this.#names = names;
  }

  /** The text that statements write. */
  write(body: readonly Node[]): string {
    let text = '';
    for (const node of body) {
      const part = this.#statement(node);
      this.#written += part.length;
      if (this.#written > MOST_CHARACTERS) throw templateError('the template writes too long a text');
      text += part;
    }
    return text;
  }

  /** The value of an expression, which must be defined. */
  value(node: Node): Value {
    const value = this.#evaluate(node);
    if (value instanceof Missing) throw templateError(`${value.name} is not defined`);
    return value;
  }

  #statement(node: Node): string {
    switch (node.type) {
      case 'If':
        return this.write(children(node, isTrue(this.value(child(node, 'test'))) ? 'body' : 'alternate'));
      case 'For':
        return this.#loop(node);
      case 'Set':
        this.#set(node);
        return '';
      case 'Comment':
        return '';
      default:
        return asText(this.value(node));
    }
  }

  #loop(node: Node): string {
    const variable = child(node, 'loopvar');
    const items = sequence(this.value(child(node, 'iterable')), 'for');
    if (items.length === 0) return this.write(children(node, 'defaultBlock'));
    const before = new Map(this.#names);
    let text = '';
    items.forEach((item, index) => {
      this.#step();
      this.#bind(variable, item);
      const { length } = items;
      const first = index === 0;
      this.#names.set('loop', { index: index + 1, index0: index, first, last: index === length - 1, length });
      text += this.write(children(node, 'body'));
    });
    // What a loop sets does not outlive it.
    this.#names.clear();
    for (const [name, value] of before) this.#names.set(name, value);
    return text;
  }

  #bind(variable: Node, item: Value): void {
    if (variable.type === 'Identifier') {
      this.#names.set(textOf(variable), item);
      return;
    }
    const names = children(variable, 'value');
    if (!isList(item) || item.length !== names.length) {
      throw templateError(`for needs items of ${names.length} values`);
    }
    names.forEach((name, i) => {
      this.#names.set(textOf(name), item[i]!);
    });
  }

  #set(node: Node): void {
    const name = child(node, 'assignee');
    if (name.type !== 'Identifier') throw templateError('set needs the name of a variable');
    const value = optional(node, 'value');
    this.#names.set(textOf(name), value ? this.value(value) : this.write(children(node, 'body')));
  }

  #step(): void {
    if (++this.#steps > MOST_STEPS) throw templateError('the template takes too many steps');
  }

  #evaluate(node: Node): Value | Missing {
    this.#step();
    switch (node.type) {
      case 'StringLiteral':
      case 'IntegerLiteral':
      case 'FloatLiteral':
        return node.value as string | number;
      case 'ArrayLiteral':
      case 'TupleLiteral':
        return this.#sized(children(node, 'value').map((item) => this.value(item)));
      case 'ObjectLiteral':
        return this.#sized(
          Object.fromEntries(
            Array.from(node.value as Map<Node, Node>, ([key, item]) => [
              asText(this.value(key)),
              this.value(item),
            ]),
          ),
        );
      case 'Identifier':
        return this.#named(textOf(node));
      case 'MemberExpression':
        return this.#member(node);
      case 'CallExpression':
        return this.#call(node);
      case 'FilterExpression':
        return this.#filter(node);
      case 'TestExpression':
        return this.#test(node);
      case 'Ternary':
        return this.value(
          child(node, isTrue(this.value(child(node, 'condition'))) ? 'trueExpr' : 'falseExpr'),
        );
      case 'UnaryExpression':
        return this.#unary(node);
      case 'BinaryExpression':
        return this.#binary(node);
      default:
        throw templateError(`templates of tasks have no ${node.type}`);
    }
  }

  #named(name: string): Value | Missing {
    const value = this.#names.get(name);
    if (value !== undefined) return value;
    const lower = name.toLowerCase();
    if (lower === 'true' || lower === 'false') return lower === 'true';
    return lower === 'none' ? null : new Missing(name);
  }

  #member(node: Node): Value | Missing {
    const object = this.value(child(node, 'object'));
    const property = child(node, 'property');
    if (property.type === 'SliceExpression') return this.#slice(object, property);
    const key = node.computed ? this.value(property) : textOf(property);
    if (isObject(object)) return entry(object, asText(key)) ?? new Missing(asText(key));
    const items = sequence(object, `[${asText(key)}]`);
    if (!Number.isInteger(key)) return new Missing(asText(key));
    return items.at(key as number) ?? new Missing(`item ${key} of ${items.length}`);
  }

  #slice(object: Value, slice: Node): Value {
    const number = (field: string) => {
      const bound = optional(slice, field);
      const value = bound && this.value(bound);
      if (value === undefined || value === null || Number.isInteger(value)) return value ?? undefined;
      throw templateError('a slice needs integers');
    };
    const step = number('step') ?? 1;
    if (step !== 1) throw templateError('slices with steps are not supported');
    const part = sequence(object, 'a slice').slice(number('start') as number, number('stop') as number);
    return typeof object === 'string' ? part.join('') : part;
  }

  #call(node: Node): Value {
    const callee = child(node, 'callee');
    const args = this.#arguments(node);
    if (callee.type === 'MemberExpression' && !callee.computed) {
      const object = this.#sized(this.value(child(callee, 'object')));
      return this.#sized(callMethod(object, textOf(child(callee, 'property')), args));
    }
    if (callee.type === 'Identifier' && textOf(callee) === 'range') return this.#range(args);
    throw templateError('only methods of texts, lists and objects can be called, and range');
  }

  #range(args: readonly Value[]): Value {
    const [a, b] = args;
    const [from, to] = b === undefined ? [0, a] : [a, b];
    if (!Number.isInteger(from) || !Number.isInteger(to)) throw templateError('range needs integers');
    const length = Math.max(0, (to as number) - (from as number));
    if (length > MOST_STEPS) throw templateError('range is too long');
    this.#steps += length;
    return Array.from({ length }, (_, i) => (from as number) + i);
  }

  #arguments(call: Node): Value[] {
    return children(call, 'args').map((argument) =>
      this.value(argument.type === 'KeywordArgumentExpression' ? child(argument, 'value') : argument),
    );
  }

  #filter(node: Node): Value {
    const filter = child(node, 'filter');
    const isCall = filter.type === 'CallExpression';
    const name = textOf(isCall ? child(filter, 'callee') : filter);
    const args = isCall ? this.#arguments(filter) : [];
    const operand = this.#evaluate(child(node, 'operand'));
    const given = operand instanceof Missing ? operand : this.#sized(operand);
    return this.#sized(applyFilter(name, given, args));
  }

  #test(node: Node): boolean {
    const operand = this.#evaluate(child(node, 'operand'));
    const name = textOf(child(node, 'test'));
    const isDefined = !(operand instanceof Missing);
    if (name === 'defined' || name === 'undefined') {
      return (isDefined === (name === 'defined')) !== node.negate;
    }
    if (!isDefined) throw templateError(`${operand.name} is not defined`);
    const tests: Readonly<Record<string, boolean>> = {
      none: operand === null,
      string: typeof operand === 'string',
      number: typeof operand === 'number',
      mapping: isObject(operand),
      true: operand === true,
      false: operand === false,
    };
    if (!Object.hasOwn(tests, name)) throw templateError(`there is no test ${name}`);
    return tests[name] !== node.negate;
  }

  #unary(node: Node): Value {
    const value = this.value(child(node, 'argument'));
    const operator = textOf(child(node, 'operator'));
    if (operator === 'not') return !isTrue(value);
    if (typeof value !== 'number') throw templateError(`${operator} needs a number`);
    return operator === '-' ? -value : value;
  }

  #binary(node: Node): Value {
    const operator = textOf(child(node, 'operator'));
    const left = this.value(child(node, 'left'));
    // The right side of these is evaluated only if it matters.
    if (operator === 'and') return isTrue(left) ? this.value(child(node, 'right')) : left;
    if (operator === 'or') return isTrue(left) ? left : this.value(child(node, 'right'));
    const right = this.value(child(node, 'right'));
    // Whether something is in a list takes as long as the list; a sum of texts copies nothing.
    return this.#sized(operate(operator, left, operator.endsWith('in') ? this.#sized(right) : right));
  }

  /** Counts the size of a value. */
  #sized<T extends Value>(value: T): T {
    this.#size += sizeOf(value, MOST_SIZE - this.#size);
    if (this.#size > MOST_SIZE) throw templateError('the template works on too long texts and lists');
    return value;
  }
}
