import { hintFor } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject } from '../../files/json_object.js';
import { dataFiles } from '../../files/platform.js';
import { checkConfig } from './config/check_config.js';
import { parseTask } from './config/parse_task.js';
import { type GroupConfig, isGroup, type TaskConfig, type TaskOrGroup } from './config/task_config.js';
import { TASKS } from './tasks/table.js';

/** A task by its name, by the path of its YAML file, or as an object with the fields of one. */
export type TaskSource = string | TaskOrGroup;

/** The tasks to run, each once, and the groups that they were named by. */
export interface FoundTasks {
  readonly tasks: readonly TaskConfig[];
  readonly groups: readonly { readonly config: GroupConfig; readonly tasks: readonly string[] }[];
}

/** Most tasks of one evaluation, and levels of groups in groups. */
const MOST_TASKS = 10_000;
const MOST_LEVELS = 10;

/** Names of the tasks and groups of the package. */
export function taskNames(): string[] {
  return Object.keys(TASKS);
}

/** Finds tasks. Throws `not-found` for an unknown name, and what task files throw. */
export async function findTasks(sources: readonly TaskSource[]): Promise<FoundTasks> {
  const tasks = new Map<string, TaskConfig>();
  const groups: { config: GroupConfig; tasks: string[] }[] = [];
  const add = async (source: TaskSource, level: number): Promise<string[]> => {
    const config = await configOf(source);
    if (!isGroup(config)) {
      tasks.set(config.task, config);
      return [config.task];
    }
    if (level === MOST_LEVELS || config.task.length > MOST_TASKS) {
      throw new Gpt2Error('invalid-file', `the group ${config.group} has too many tasks or levels`);
    }
    const group = { config, tasks: [] as string[] };
    groups.push(group);
    for (const each of config.task) group.tasks.push(...(await add(each, level + 1)));
    return group.tasks;
  };
  for (const source of sources) await add(source, 0);
  return { tasks: [...tasks.values()], groups };
}

async function configOf(source: TaskSource): Promise<TaskOrGroup> {
  if (isJsonObject(source)) return checkConfig(source, 'the task');
  if (typeof source !== 'string') {
    throw new Gpt2Error('invalid-option', 'tasks must be names, paths of YAML files, or objects');
  }
  if (Object.hasOwn(TASKS, source)) return TASKS[source]!();
  if (/\.ya?ml$/i.test(source)) {
    const folder = source.slice(0, source.lastIndexOf('/') + 1);
    const read = (path: string) => textOf(path.startsWith('/') ? path : folder + path);
    return parseTask(await textOf(source), source, read);
  }
  const [, paradigm] = /^blimp_(.+)$/.exec(source) ?? [];
  const { task: paradigms } = (await TASKS.blimp!()) as GroupConfig;
  const found = paradigm && paradigms.find((task) => (task as TaskConfig).task === source);
  if (found) return found as TaskConfig;
  const hint = hintFor(source, taskNames()).replace('options', 'tasks');
  throw new Gpt2Error('not-found', `there is no task ${source}; ${hint}; a path must end with .yaml`);
}

async function textOf(path: string): Promise<string> {
  const [file] = await dataFiles([path]);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  try {
    for await (const chunk of file!.read()) text += decoder.decode(chunk, { stream: true });
    return text + decoder.decode();
  } catch (cause) {
    if (cause instanceof Gpt2Error) throw cause;
    throw new Gpt2Error('invalid-file', `${path} is not UTF-8 text`, { cause });
  }
}
