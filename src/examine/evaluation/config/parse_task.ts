import { Gpt2Error } from '../../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../../files/json_object.js';
import { checkConfig } from './check_config.js';
import type { TaskOrGroup } from './task_config.js';

/** Longest task file, in characters, and most files that one includes. */
const LONGEST = 1_000_000;
const MOST_INCLUDES = 10;

/** Reads the text of a file that a task file includes. */
export type ReadInclude = (path: string) => Promise<string>;

/**
 * A task or group from the YAML of a task file, in the form that EleutherAI's harness reads; `where` names it in
 * messages. `include: FILE` takes the fields of another file, which `read` gives. Throws `invalid-file`.
 */
export async function parseTask(text: string, where = 'the task', read?: ReadInclude): Promise<TaskOrGroup> {
  return checkConfig(await fieldsOf(text, where, read, 0), where);
}

async function fieldsOf(
  text: string,
  where: string,
  read: ReadInclude | undefined,
  depth: number,
): Promise<JsonObject> {
  const value = await parseYaml(text, where);
  if (!isJsonObject(value)) throw new Gpt2Error('invalid-file', `${where} must hold the fields of a task`);
  const { include, ...fields } = value;
  if (include === undefined) return fields;
  if (typeof include !== 'string' || read === undefined || depth === MOST_INCLUDES) {
    throw new Gpt2Error(
      'invalid-file',
      `${where} includes ${JSON.stringify(include)}, which cannot be read here`,
    );
  }
  return { ...(await fieldsOf(await read(include), include, read, depth + 1)), ...fields };
}

async function parseYaml(text: string, where: string): Promise<unknown> {
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
