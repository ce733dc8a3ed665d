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
  const document = parseDocument(text, { customTags: [functions], logLevel: 'error' });
  const [problem] = document.errors;
  if (problem) throw new Gpt2Error('invalid-file', `${where} is no valid YAML: ${problem.message}`);
  const [warning] = document.warnings;
  if (warning) throw new Gpt2Error('invalid-file', `${where} cannot be read: ${warning.message}`);
  try {
    // Aliases that grow without bound are refused.
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new Gpt2Error('invalid-file', `${where} is no valid YAML: ${(cause as Error).message}`, { cause });
  }
}
