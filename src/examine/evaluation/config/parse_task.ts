import { invalidOption } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../../files/json_object.js';
import { checkConfig } from './check_config.js';
import { parseYaml } from './parse_yaml.js';
import type { TaskOrGroup } from './task_config.js';

/** Most files that a task file includes. */
const MOST_INCLUDES = 10;

/** Reads the text of a file that a task file includes. */
export type ReadInclude = (path: string) => Promise<string>;

/**
 * A task or group from the YAML of a task file, in the form that EleutherAI's harness reads; `where` names it in
 * messages. `include: FILE` takes the fields of another file, which `read` gives. Throws `invalid-file`.
 */
export async function parseTask(text: string, where = 'the task', read?: ReadInclude): Promise<TaskOrGroup> {
  if (typeof text !== 'string') throw invalidOption('text', text, 'the text of a task file');
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
