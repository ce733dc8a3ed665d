import type { Document, YAMLError, YAMLWarning } from 'yaml';
import { Gpt2Error } from '../../../base/errors.js';

/** Longest file, in characters. */
const LONGEST = 1_000_000;
/** Deepest nesting within a line or brackets: every level takes call stack. */
const DEEPEST = 100;

/** The value of a task file in YAML; `where` names it in messages. Throws `invalid-file`. */
export async function parseYaml(text: string, where: string): Promise<unknown> {
  if (text.length > LONGEST) {
    throw new Gpt2Error('invalid-file', `${where} has more than ${LONGEST} characters`);
  }
  const { Lexer, parseDocument } = await import('yaml');
  if (isDeep(new Lexer().lex(text)))
    throw new Gpt2Error('invalid-file', `${where} is nested more than ${DEEPEST} levels deep`);
  const functions = { tag: '!function', resolve: (name: string) => ({ function: name }) };
  // The library would compare all keys of a map with each other.
  const document = parseDocument(text, { customTags: [functions], logLevel: 'error', uniqueKeys: false });
  const [flaw] = [...document.errors, ...document.warnings];
  const problem = flaw ? told(flaw, text) : await repeatedKey(document, text);
  if (problem) throw new Gpt2Error('invalid-file', `${where} is no valid YAML: ${problem}`);
  try {
    // Aliases that grow without bound are refused.
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const problem = 'its aliases name what comes later, or grow without bound';
    throw new Gpt2Error('invalid-file', `${where} is no valid YAML: ${problem}`, { cause });
  }
}

/** Whether too many brackets are open, or too many lists or keys begin in a line. */
function isDeep(tokens: Iterable<string>): boolean {
  let brackets = 0;
  let marks = 0;
  for (const token of tokens) {
    if (token === '[' || token === '{') brackets++;
    else if (token === ']' || token === '}') brackets--;
    else if (token === '-' || token === '?') marks++;
    else if (token.includes('\n')) marks = 0;
    if (Math.max(brackets, marks) > DEEPEST) return true;
  }
  return false;
}

/** The library's own messages repeat parts of the file. */
const told = ({ code, pos }: YAMLError | YAMLWarning, text: string): string =>
  `${code.toLowerCase().replaceAll('_', ' ')} in line ${lineOf(pos[0], text)}`;

const lineOf = (place: number, text: string): number => text.slice(0, place).split('\n').length;

/** Says in which line a map has a key a second time; `undefined` if none has. */
async function repeatedKey(document: Document.Parsed, text: string): Promise<string | undefined> {
  const { isScalar, visit } = await import('yaml');
  let place: number | undefined;
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) place ??= key.range?.[0] ?? 0;
        seen.add(key.value);
      }
      return place === undefined ? undefined : visit.BREAK;
    },
  });
  return place === undefined
    ? undefined
    : `keys must be unique; one comes again in line ${lineOf(place, text)}`;
}
