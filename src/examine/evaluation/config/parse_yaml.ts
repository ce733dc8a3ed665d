import type { Document } from 'yaml';
import { Gpt2Error } from '../../../base/errors.js';

/** Longest file, in characters. */
const LONGEST = 1_000_000;

/** The value of a task file in YAML; `where` names it in messages. Throws `invalid-file`. */
export async function parseYaml(text: string, where: string): Promise<unknown> {
  if (text.length > LONGEST) {
    throw new Gpt2Error('invalid-file', `${where} has more than ${LONGEST} characters`);
  }
  const { parseDocument } = await import('yaml');
  const functions = { tag: '!function', resolve: (name: string) => ({ function: name }) };
  // The library would compare all keys of a map with each other.
  const document = parseDocument(text, { customTags: [functions], logLevel: 'error', uniqueKeys: false });
  const problem = document.errors[0]?.message ?? (await repeatedKey(document, text));
  if (problem) throw new Gpt2Error('invalid-file', `${where} is no valid YAML: ${problem}`);
  const [warning] = document.warnings;
  if (warning) throw new Gpt2Error('invalid-file', `${where} cannot be read: ${warning.message}`);
  try {
    // Aliases that grow without bound are refused.
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `${where} is no valid YAML: ${(cause as Error).message}`, { cause });
  }
}

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
    : `Map keys must be unique; one comes again in line ${text.slice(0, place).split('\n').length}`;
}
