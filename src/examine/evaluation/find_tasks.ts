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

/** Most tasks and groups of one evaluation, levels of groups in groups, and bytes of a file. */
const MOST_TASKS = 10_000;
const MOST_LEVELS = 10;
const MOST_BYTES = 4e6;
const YAML = /\.ya?ml$/i;

/** Names of the tasks and groups of the package. */
export function taskNames(): string[] {
  return Object.keys(TASKS);
}

/**
 * Finds tasks. Throws `not-found` for an unknown name, `invalid-option` for two tasks of one name, and what task files
 * throw.
 */
export async function findTasks(sources: readonly TaskSource[]): Promise<FoundTasks> {
  const tasks = new Map<string, TaskConfig>();
  const groups: { config: GroupConfig; tasks: string[] }[] = [];
  let found = 0;
  const add = async (source: TaskSource, level: number): Promise<readonly string[]> => {
    const config = await configOf(source);
    if (++found > MOST_TASKS || level > MOST_LEVELS) {
      const name = isGroup(config) ? config.group : config.task;
      throw new Gpt2Error(
        'invalid-file',
        `${name} is one task too many: there may be ${MOST_TASKS}, in groups of ${MOST_LEVELS} levels`,
      );
    }
    if (!isGroup(config)) {
      addTask(tasks, config);
      return [config.task];
    }
    const members = new Set<string>();
    const place = groups.push({ config, tasks: [] }) - 1;
    for (const each of config.task) for (const task of await add(each, level + 1)) members.add(task);
    groups[place] = { config, tasks: [...members] };
    return groups[place].tasks;
  };
  for (const source of sources) await add(source, 0);
  return { tasks: [...tasks.values()], groups };
}

/** Throws `invalid-option` for another task of the same name, whose results would have no place. */
function addTask(tasks: Map<string, TaskConfig>, config: TaskConfig): void {
  const other = tasks.get(config.task);
  if (other !== undefined && JSON.stringify(other) !== JSON.stringify(config)) {
    throw new Gpt2Error(
      'invalid-option',
      `two different tasks have the name ${config.task}; give one of them another name in its field task`,
    );
  }
  tasks.set(config.task, config);
}

async function configOf(source: TaskSource): Promise<TaskOrGroup> {
  if (isJsonObject(source)) return checkConfig(source, 'the task');
  if (typeof source !== 'string') {
    throw new Gpt2Error('invalid-option', 'tasks must be names, paths of YAML files, or objects');
  }
  if (Object.hasOwn(TASKS, source)) return TASKS[source]!();
  if (YAML.test(source)) {
    const folder = source.slice(0, source.lastIndexOf('/') + 1);
    const placed = (path: string) => (path.startsWith('/') ? path : folder + path);
    const config = await parseTask(await textOf(source), source, (path) => textOf(placed(path)));
    if (!isGroup(config)) return config;
    const isFile = (task: string | TaskConfig) => typeof task === 'string' && YAML.test(task);
    return { ...config, task: config.task.map((task) => (isFile(task) ? placed(task as string) : task)) };
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
    for await (const chunk of file!.read()) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MOST_BYTES)
        throw new Gpt2Error('invalid-file', `${path} is too long for a task file`);
    }
    return text + decoder.decode();
  } catch (cause) {
    if (cause instanceof Gpt2Error) throw cause;
    throw new Gpt2Error('invalid-file', `${path} is not UTF-8 text`, { cause });
  }
}
