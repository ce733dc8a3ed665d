/** Text that a regular expression matches from its beginning to its end. */
export interface RegexFormat {
  /** ECMAScript's syntax, as with the flags `v` and `s` off and `u` on, without backreferences and lookbehind. */
  readonly regex: string;
}

/** JSON that a schema describes. */
export interface JsonSchemaFormat {
  /** A JSON schema of draft 2020-12 or 7: an object, true or false. */
  readonly jsonSchema: object | boolean;
  /** `'schema'` (default): properties come in the order of the schema; `'any'`: in any order. */
  readonly order?: 'schema' | 'any' | undefined;
  /** `'compact'` (default): no white space between tokens; `'any'`: as JSON allows it. */
  readonly whitespace?: 'compact' | 'any' | undefined;
  /**
   * Which `format`s of strings are enforced: `'strings'` (default): those beside `"type": "string"`; `'all'`;
   * `'none'`. By itself `format` is only an annotation in JSON Schema.
   */
  readonly formats?: 'strings' | 'all' | 'none' | undefined;
}

/** Text of a grammar. */
export interface GrammarFormat {
  /** GBNF, as llama.cpp has it; the text is a `root`. */
  readonly grammar: string;
}

/** One of several texts. */
export interface ChoicesFormat {
  /** At least one; none may be empty. */
  readonly choices: readonly string[];
}

/** The form of a text, as plain data. */
export type FormatDefinition = RegexFormat | JsonSchemaFormat | GrammarFormat | ChoicesFormat;

/** A format that was compiled. It can be used again and again, by several models and at the same time. */
export interface CompiledFormat {
  /** The format that it was compiled from. In place of a compiled format, this is sent to other threads. */
  readonly definition: FormatDefinition;
  /** Whether a whole text has the form. A lone surrogate counts as U+FFFD. */
  accepts(text: string): boolean;
}

/** The form of a text. */
export type Format = FormatDefinition | CompiledFormat;
