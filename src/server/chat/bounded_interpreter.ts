/** Limits for one chat, because a template of a stranger may loop without end: steps, and sizes of values. */
const MOST_STEPS = 200_000;
export const MOST_ITEMS = 10_000;
const MOST_CHARACTERS = 2 ** 21;
/** Items and characters that count as a step when a value that has them is used. */
const ITEMS_OF_STEP = 4;
const CHARACTERS_OF_STEP = 100;
/** The same for items and characters of the lists and objects within a value. */
const INNER_OF_STEP = 20;
const INNER_CHARACTERS_OF_STEP = 1000;

export interface Environment {
  set(name: string, value: unknown): void;
}
/** The methods of the interpreter of @huggingface/jinja that are called or overridden here. */
interface Interpreter {
  run(program: unknown): Evaluated;
  evaluate(node: unknown, environment: Environment): Evaluated;
  evaluateBlock(nodes: unknown, environment: Environment): Evaluated;
  evaluateArguments(nodes: unknown, environment: Environment): Arguments;
}
export type InterpreterClass = new (environment: Environment) => Interpreter;
type Arguments = [positional: Evaluated[], byName: Map<string, Evaluated>];
interface Evaluated {
  readonly value: unknown;
}

/** A value and its size: the characters of a text, or of all that a list holds, with its items. */
interface Sized {
  readonly value: unknown;
  readonly size: number;
}
const NOTHING: Sized = { value: undefined, size: 0 };

/** An interpreter that takes so many steps, and makes no values that are too long. */
export function bounded(Interpreter: InterpreterClass): InterpreterClass {
  return class extends Interpreter {
    #steps = 0;
    /** The largest value of the parts of the present node. */
    #largest = NOTHING;

    override evaluate(node: unknown, environment: Environment): Evaluated {
      const outer = this.#largest;
      this.#largest = NOTHING;
      return this.#checked(super.evaluate(node, environment), outer);
    }

    // The body of a loop may be empty.
    override evaluateBlock(nodes: unknown, environment: Environment): Evaluated {
      const outer = this.#largest;
      return this.#checked(super.evaluateBlock(nodes, environment), outer);
    }

    override evaluateArguments(nodes: unknown, environment: Environment): Arguments {
      // Filters have evaluated what they change, and calls nothing.
      const operand = this.#largest;
      const given = super.evaluateArguments(nodes, environment);
      checkGrowth(operand, [...given[0], ...given[1].values()]);
      return given;
    }

    /** A result, after which the largest part of the outer node is `outer` or it. */
    #checked(result: Evaluated, outer: Sized): Evaluated {
      const object = this.#largest;
      const sized = this.#sized(result.value);
      this.#largest = sized.size > outer.size ? sized : outer;
      return typeof result.value === 'function' && object.size > 0 ? method(result, object) : result;
    }

    #sized(value: unknown): Sized {
      this.#take(1);
      if (typeof value === 'string') {
        this.#take(value.length / CHARACTERS_OF_STEP);
        if (value.length > MOST_CHARACTERS) throw new Error('it makes too long a text');
        return { value, size: value.length };
      }
      const items = itemsOf(value);
      if (items === undefined) return NOTHING;
      this.#take(items.length / ITEMS_OF_STEP);
      return { value, size: this.#within(items) };
    }

    /** Items and characters of all that a list or an object holds. What occurs twice in it counts twice, as in its text. */
    #within(items: readonly Evaluated[]): number {
      if (items.length > MOST_ITEMS) throw new Error('it makes too long a list');
      let size = items.length;
      for (const { value } of items) {
        if (typeof value === 'string') {
          size += value.length;
          this.#take(value.length / INNER_CHARACTERS_OF_STEP);
        }
        const inner = itemsOf(value);
        this.#take(1 / INNER_OF_STEP);
        if (inner !== undefined) size += this.#within(inner);
      }
      if (size > MOST_CHARACTERS) throw new Error('it makes too long a list');
      return size;
    }

    #take(steps: number): void {
      this.#steps += steps;
      if (this.#steps > MOST_STEPS) throw new Error('it takes too many steps');
    }
  };
}

/** The values of a list or an object. */
function itemsOf(value: unknown): readonly Evaluated[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof Map ? [...value.values()] : undefined;
}

/** A method of an object that makes nothing that is too long. */
function method(made: Evaluated, object: Sized): Evaluated {
  const call = made.value as (given: readonly Evaluated[], environment: Environment) => Evaluated;
  const value: typeof call = (given, environment) => {
    checkGrowth(object, given);
    checkPieces(object.value, given[0]?.value);
    return call(given, environment);
  };
  return Object.create(made, { value: { value } });
}

/** Each place of a text or list may become as long as an argument, or have so many spaces as it says. */
function checkGrowth(changed: Sized, given: readonly Evaluated[]): void {
  const most = given.reduce((longest, { value }) => Math.max(longest, lengthOf(value)), 0);
  if (most > 0 && most * placesIn(changed, given[0]?.value) > MOST_CHARACTERS)
    throw new Error('it makes too long a text');
}

function lengthOf(value: unknown): number {
  if (typeof value === 'number') return Math.abs(value);
  if (typeof value === 'string') return value.length;
  const items = itemsOf(value) ?? [];
  return items.reduce((longest, item) => Math.max(longest, lengthOf(item.value)), items.length);
}

/** The places of a text at which an argument occurs, and its end; all places, if one of both is no text. */
function placesIn({ value, size }: Sized, found: unknown): number {
  if (typeof value !== 'string' || typeof found !== 'string' || found === '') return size + 1;
  let places = 1;
  for (let at = value.indexOf(found); at >= 0; at = value.indexOf(found, at + found.length)) places++;
  return places;
}

/** A text may be split at an argument, and each piece takes far more memory than its characters. */
function checkPieces(text: unknown, at: unknown): void {
  if (typeof text !== 'string' || text.length <= MOST_ITEMS) return;
  const pieces = text.split(typeof at === 'string' ? at : /\s+/, MOST_ITEMS + 1);
  if (pieces.length > MOST_ITEMS) throw new Error('it makes too long a list');
}
