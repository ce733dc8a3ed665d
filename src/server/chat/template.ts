import { Gpt2Error } from '../../base/errors.js';
import { hasLongSpace } from '../../base/long_space.js';
import { contentOf } from '../../tokenizer/added_tokens.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { bounded, type Environment, type InterpreterClass, MOST_ITEMS } from './bounded_interpreter.js';

/** Longest source of a template, in characters. */
const LONGEST = 100_000;
/** What is used of the package @huggingface/jinja, whose own types TypeScript does not find. */
interface Jinja {
  readonly Environment: new () => Environment;
  readonly Interpreter: InterpreterClass;
  readonly tokenize: (source: string, options: object) => unknown;
  readonly parse: (tokens: unknown) => unknown;
}
/** Writes the text of a chat. Throws an Error with the template's reason. */
export type Render = (values: Readonly<Record<string, unknown>>) => string;

/** The templates of a model. */
export interface ChatTemplates {
  readonly chat: string;
  /** For chats with tools, if there is another one for them. */
  readonly toolUse: string | undefined;
  /** The texts of the tokenizer's roles, such as `eos_token`. */
  readonly tokens: Readonly<Record<string, string>>;
}

/**
 * The templates of a tokenizer, in the form of Hugging Face's files: `chat_template.jinja`, or `chat_template` of
 * tokenizer_config.json, one or a list with names; GGUF files have the same. `standard` if there is none.
 */
export function chatTemplates(tokenizer: Tokenizer, standard?: string): ChatTemplates | undefined {
  const files = tokenizer.files();
  const settings = JSON.parse(files['tokenizer_config.json']!) as Readonly<Record<string, unknown>>;
  const given = files['chat_template.jinja'] ?? settings.chat_template;
  const named = (name: string) =>
    Array.isArray(given) ? given.find((each) => each?.name === name)?.template : undefined;
  const own = Array.isArray(given) ? named('default') : given;
  const chat = typeof own === 'string' ? own : standard;
  if (chat === undefined) return undefined;
  const toolUse = named('tool_use');
  const tokens = Object.entries(settings)
    .map(([role, token]) => [role, contentOf(token)] as const)
    .filter(
      (pair): pair is readonly [string, string] => /_token$/.test(pair[0]) && typeof pair[1] === 'string',
    );
  return {
    chat,
    toolUse: typeof toolUse === 'string' ? toolUse : undefined,
    tokens: Object.fromEntries(tokens),
  };
}

/**
 * Compiles a template as Hugging Face's `apply_chat_template` does. What it computes is bounded, and it knows no
 * time but what `values` give. Throws `invalid-file`.
 */
export async function compileTemplate(source: string): Promise<Render> {
  const { Environment, Interpreter, parse, tokenize } = (await import(
    '@huggingface/jinja'
  )) as unknown as Jinja;
  const Bounded = bounded(Interpreter);
  let program: unknown;
  try {
    if (source.length > LONGEST) throw new Error(`it has more than ${LONGEST} characters`);
    if (hasLongSpace(source)) throw new Error('it has more than 1024 characters of white space in a row');
    program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
  } catch (cause) {
    const { message } = cause as Error;
    throw new Gpt2Error('invalid-file', `the chat template cannot be read: ${message}`, { cause });
  }
  return (values) => {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...GLOBALS, ...values })) environment.set(name, value);
    return String(new Bounded(environment).run(program).value);
  };
}

/** What every template can use. */
const GLOBALS = {
  ...{ true: true, false: false, none: null, True: true, False: false, None: null },
  raise_exception(reason: unknown): never {
    throw new Error(String(reason));
  },
  range(a: number, b?: number, step = 1): number[] {
    const [from, to] = b === undefined ? [0, a] : [a, b];
    const length = Math.max(0, Math.ceil((to - from) / step));
    if (!(length <= MOST_ITEMS)) throw new Error('it has too long a range');
    return Array.from({ length }, (_, i) => from + i * step);
  },
};
