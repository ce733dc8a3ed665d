import { Gpt2Error } from '../base/errors.js';
import { MAX_JSON_DEPTH } from './limits.js';

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

/**
 * Throws `invalid-file` with the position for a text that is no JSON, has a key twice in an object or is nested deeper
 * than `MAX_JSON_DEPTH`.
 */
export function checkJson(text: string, where: string): void {
  walk(text, (problem) => new Gpt2Error('invalid-file', `${where}: ${problem}`));
}

/** Says why a text is no JSON. Unlike messages of `JSON.parse`, it repeats no more than a character. */
export function jsonProblem(text: string): string {
  try {
    walk(text, (problem) => new SyntaxError(problem));
  } catch (error) {
    return (error as SyntaxError).message;
  }
  return 'not valid JSON';
}

/** Walks a text once by the grammar of RFC 8259. Throws what `failure` makes of the first problem. */
function walk(text: string, failure: (problem: string) => Error): void {
  let at = 0;

  function wrong(problem: string): Error {
    const before = text.slice(0, at).split('\n');
    return failure(`${problem} at line ${before.length}, column ${before.at(-1)!.length + 1}`);
  }

  function expected(what: string): Error {
    const found = at < text.length ? JSON.stringify(String.fromCodePoint(text.codePointAt(at)!)) : 'the end';
    return wrong(`not valid JSON: ${what} expected, ${found} found`);
  }

  function skip(pattern: RegExp): boolean {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  }

  function skipSpace(): void {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      at++;
    }
  }

  /** Skips the character and the space around it. */
  function skipMark(mark: string): boolean {
    skipSpace();
    if (text[at] !== mark) return false;
    at++;
    skipSpace();
    return true;
  }

  /** Returns the string as it is written, without its quotes. */
  function string(what: string): string {
    if (text.charCodeAt(at) !== QUOTE) throw expected(what);
    const start = ++at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return text.slice(start, at++);
      if (code === BACKSLASH) {
        if (!skip(ESCAPE)) throw wrong('not valid JSON: unknown escape');
      } else if (code >= FIRST_PRINTABLE) {
        at++;
      } else {
        throw expected('the closing quote of a string'); // a control character, or NaN past the end
      }
    }
  }

  function value(depth: number): void {
    if (depth > MAX_JSON_DEPTH) throw wrong(`nested deeper than ${MAX_JSON_DEPTH} levels`);
    if (text[at] === '{') object(depth);
    else if (text[at] === '[') array(depth);
    else if (text[at] === '"') string('a string');
    else if (!skip(SCALAR)) throw expected('a value');
  }

  function object(depth: number): void {
    const keys = new Set<string>();
    skipMark('{');
    if (skipMark('}')) return;
    do {
      const keyAt = at;
      const written = string('a key in double quotes');
      const key = written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written;
      if (keys.has(key)) {
        at = keyAt;
        throw wrong(`the key ${JSON.stringify(key)} stands twice in one object, again`);
      }
      keys.add(key);
      if (!skipMark(':')) throw expected('":"');
      value(depth + 1);
    } while (skipMark(','));
    if (!skipMark('}')) throw expected('"," or "}"');
  }

  function array(depth: number): void {
    skipMark('[');
    if (skipMark(']')) return;
    do value(depth + 1);
    while (skipMark(','));
    if (!skipMark(']')) throw expected('"," or "]"');
  }

  skipSpace();
  value(0);
  skipSpace();
  if (at < text.length) throw expected('the end');
}
