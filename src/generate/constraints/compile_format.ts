import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { compileChoices } from './choices.js';
import { CompiledFormat } from './compiled_format.js';
import type { Expression } from './expressions/expression.js';
import { Expressions } from './expressions/expressions.js';
import type { Format, FormatDefinition } from './format.js';

type Kind = 'regex' | 'jsonSchema' | 'grammar' | 'choices';

/** The kinds of formats: the other options of each, and its compiler, which is loaded on demand. */
const KINDS: Readonly<
  Record<
    Kind,
    { readonly options: readonly string[]; compile(make: Expressions, format: never): Promise<Expression> }
  >
> = {
  choices: { options: [], compile: async (make, format) => compileChoices(make, format) },
  regex: {
    options: [],
    compile: async () => {
      throw new Error('later');
    },
  },
  jsonSchema: {
    options: ['order', 'whitespace', 'formats'],
    compile: async () => {
      throw new Error('later');
    },
  },
  grammar: {
    options: [],
    compile: async () => {
      throw new Error('later');
    },
  },
};

const RIGHT = 'one of { regex }, { jsonSchema }, { grammar } and { choices }, or what compileFormat gives';

/** Formats that were compiled lately, by their JSON: a caller may give the same one with each prompt. */
const latest = new Map<string, CompiledFormat>();
const MOST_LATEST = 16;
const LONGEST_KEY = 65_536;

/** See `compileFormat` of the main entry. */
export async function compile(format: Format): Promise<CompiledFormat> {
  if (format instanceof CompiledFormat) return format;
  const definition = checkDefinition(format);
  const key = JSON.stringify(definition);
  const known = latest.get(key);
  if (known !== undefined) return known;
  const compiled = await compileDefinition(definition);
  if (key.length <= LONGEST_KEY) latest.set(key, compiled);
  if (latest.size > MOST_LATEST) latest.delete(latest.keys().next().value!);
  return compiled;
}

function checkDefinition(format: unknown): FormatDefinition {
  if (typeof format !== 'object' || format === null || Array.isArray(format)) {
    throw invalidOption('format', format, RIGHT);
  }
  // A compiled format that came from another thread has only its definition.
  if ('definition' in format) return checkDefinition(format.definition);
  const kinds = (Object.keys(KINDS) as Kind[]).filter(
    (kind) => (format as Record<Kind, unknown>)[kind] !== undefined,
  );
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const has = kind === undefined ? 'none of these' : quotedList(kinds);
    throw new Gpt2Error('invalid-option', `format has ${has}; it must be ${RIGHT}`);
  }
  checkOptionNames(`a format with ${kind}`, format, [kind, ...KINDS[kind].options]);
  return format as FormatDefinition;
}

async function compileDefinition(definition: FormatDefinition): Promise<CompiledFormat> {
  const make = new Expressions();
  const kind = (Object.keys(KINDS) as Kind[]).find((each) => each in definition)!;
  // Copied, so that later changes of the caller's object do not matter.
  const copy = structuredClone(definition);
  return new CompiledFormat(copy, make, await KINDS[kind].compile(make, copy as never));
}
