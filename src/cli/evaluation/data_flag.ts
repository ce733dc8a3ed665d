import { Gpt2Error } from '../../base/errors.js';
import type { TaskData } from '../../examine/evaluation/options.js';

/** The values of --data: PATH for all tasks, or TASK=PATH for each. Throws `invalid-option` for both together. */
export function taskData(values: readonly string[] | undefined, flag: string): TaskData | undefined {
  if (values === undefined) return undefined;
  const byTask = new Map<string, string[]>();
  const paths: string[] = [];
  for (const value of values) {
    const [, task, path] = /^([\w.-]+)=(.+)$/.exec(value) ?? [];
    if (task === undefined) paths.push(value);
    else byTask.set(task, [...(byTask.get(task) ?? []), path!]);
  }
  if (paths.length === 0) return { byTask: Object.fromEntries(byTask) };
  if (byTask.size === 0) return paths;
  throw new Gpt2Error(
    'invalid-option',
    `${flag} is given with and without the name of a task; name all tasks`,
  );
}
