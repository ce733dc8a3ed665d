import { checkOptionNames } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { parseJson } from '../../files/json.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { type FileText, fileText } from '../bias/readers/file_text.js';
import { parseYaml } from '../evaluation/config/parse_yaml.js';
import { checkContentFree } from './calibration.js';
import { FewShot } from './few_shot.js';
import { checkLabelled, type FewShotOptions, type LabelledInput } from './few_shot_options.js';

/** A task of a file, with inputs to test it on. */
export interface TaskFile {
  /** The task of the file. */
  readonly task: FewShot;
  /** Inputs with the right labels; empty if the file has none. */
  readonly test: readonly LabelledInput[];
  /** Inputs for calibration; `undefined` for those of `FewShot.calibrate`. */
  readonly contentFree: readonly string[] | undefined;
}

/** What the caller decides in place of the file. */
export type TaskChanges = Pick<FewShotOptions, 'seed' | 'shots'>;

const FIELDS = [
  'instruction',
  'examples',
  'choices',
  'query',
  'separator',
  'shots',
  'seed',
  'test',
  'contentFree',
];

/**
 * Reads a task from JSON or YAML: the options of `FewShot`, a list `test` of { input, label }, and `contentFree` if inputs
 * without content are others than the usual ones. Throws `invalid-file`; `name` names the file in messages.
 */
export async function readTask(
  file: FileText,
  name = 'the task',
  changes: TaskChanges = {},
): Promise<TaskFile> {
  const text = fileText(file, name);
  const fields = text.trimStart().startsWith('{') ? parseJson(text, name) : await parseYaml(text, name);
  if (!isJsonObject(fields)) throw new Gpt2Error('invalid-file', `${name} must hold the fields of a task`);
  return checkedTask(fields, name, changes);
}

/** The task of the fields of a file. Throws `invalid-file`. */
function checkedTask(fields: JsonObject, name: string, changes: TaskChanges): TaskFile {
  try {
    checkOptionNames('a task', fields, FIELDS);
    const { test = [], contentFree, ...options } = fields;
    const { seed = options.seed, shots = options.shots } = changes;
    const task = new FewShot({ ...options, seed, shots } as unknown as FewShotOptions);
    checkLabelled('test', test, task.labels);
    if (contentFree !== undefined) checkContentFree(contentFree);
    return { task, test, contentFree };
  } catch (error) {
    if (error instanceof Gpt2Error && error.code === 'invalid-option') {
      throw new Gpt2Error('invalid-file', `${name}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
