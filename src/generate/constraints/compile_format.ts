import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { compileChoices } from './choices.js';
import type { Expression } from './expressions/expression.js';
import { Expressions } from './expressions/expressions.js';
import type { Format, FormatDefinition, GrammarFormat, JsonSchemaFormat, RegexFormat } from './format.js';
import { FormatAutomaton } from './format_automaton.js';

/** A kind of format. */
interface Kind {
  /** Its fields beside the one that names it. */
  readonly options: readonly string[];
  compile(make: Expressions, format: never): Expression | Promise<Expression>;
}

/** The kinds of formats by the field that names them; what compiles them is loaded on demand. */
const KINDS: Readonly<Record<string, Kind>> = {
  choices: { options: [], compile: compileChoices },
  jsonSchema: {
    options: ['order', 'whitespace', 'formats'],
    async compile(make, format: JsonSchemaFormat) {
      const { compileJsonSchema } = await import('./json_schema/compile_json_schema.js');
      return compileJsonSchema(make, format);
    },
  },
  regex: {
    options: [],
    async compile(make, { regex }: RegexFormat) {
      if (typeof regex !== 'string')
        throw invalidOption('format.regex', regex, 'the text of a regular expression');
      const { compileRegex } = await import('./regex/compile_regex.js');
      return compileRegex(make, regex);
    },
  },
  grammar: {
    options: [],
    async compile(make, { grammar }: GrammarFormat) {
      if (typeof grammar !== 'string')
        throw invalidOption('format.grammar', grammar, 'the text of a GBNF grammar');
      const { compileGrammar } = await import('./grammar/compile_grammar.js');
      return compileGrammar(make, grammar);
    },
  },
};

const RIGHT = 'one of { regex }, { jsonSchema }, { grammar } and { choices }, or what compileFormat gives';

/** Formats that were compiled lately, by their JSON: a caller may give the same one with each prompt. */
const latest = new Map<string, FormatAutomaton>();
const MOST_LATEST = 4;
const LONGEST_KEY = 65_536;

/** See `compileFormat` of the main entry. */
export async function compile(format: Format): Promise<FormatAutomaton> {
  if (format instanceof FormatAutomaton) return format;
  const { kind, definition } = checked(format);
  const key = asJson(definition);
  const known = latest.get(key);
  if (known !== undefined) return known;
  // A copy, so that later changes of the caller's object do not matter.
  const compiled = await compileDefinition(kind, JSON.parse(key), key.length);
  if (key.length <= LONGEST_KEY) latest.set(key, compiled);
  if (latest.size > MOST_LATEST) latest.delete(latest.keys().next().value!);
  return compiled;
}

function asJson(definition: FormatDefinition): string {
  try {
    return JSON.stringify(definition);
  } catch (error) {
    throw new Gpt2Error(
      'invalid-option',
      'format must be plain data, as JSON has it, not nested thousands of levels deep',
      { cause: error },
    );
  }
}

/** The definition of a format, and the field that names its kind. */
function checked(format: unknown): { readonly kind: string; readonly definition: FormatDefinition } {
  if (typeof format !== 'object' || format === null || Array.isArray(format)) {
    throw invalidOption('format', format, RIGHT);
  }
  // A compiled format that came from another thread has only its definition.
  if ('definition' in format) return checked(format.definition);
  const kinds = Object.keys(KINDS).filter((kind) => (format as Record<string, unknown>)[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const has = kind === undefined ? 'none of these' : quotedList(kinds);
    throw new Gpt2Error('invalid-option', `format has ${has}; it must be ${RIGHT}`);
  }
  checkOptionNames(`a format with ${kind}`, format, [kind, ...KINDS[kind]!.options]);
  return { kind, definition: format as FormatDefinition };
}

/** `length`: the characters of the definition as JSON. */
async function compileDefinition(
  kind: string,
  definition: FormatDefinition,
  length: number,
): Promise<FormatAutomaton> {
  const make = new Expressions(length);
  const start = await KINDS[kind]!.compile(make, definition as never);
  if (start.isNothing)
    throw new Gpt2Error('invalid-option', `no text has the format: its ${kind} matches nothing`);
  make.endCompiling();
  return new FormatAutomaton(definition, make, start);
}
