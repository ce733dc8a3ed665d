import type { FoundTasks } from './find_tasks.js';
import { pooledStandardError } from './metrics/standard_error.js';
import type { TaskResults } from './task_results.js';

/**
 * The common results of groups that ask for one: the mean of their tasks' metrics, by the number of documents unless
 * `weight_by_size` is false, and the pooled standard error of the harness.
 */
export function groupResults(
  groups: FoundTasks['groups'],
  results: Readonly<Record<string, TaskResults>>,
  sizes: Readonly<Record<string, number>>,
): Record<string, TaskResults> {
  const found: Record<string, TaskResults> = {};
  for (const { config, tasks } of groups) {
    if (config.aggregate_metric_list === undefined) continue;
    const common: Record<string, number | string | null> = { alias: config.group };
    for (const { metric, weight_by_size: isWeighted = true } of config.aggregate_metric_list) {
      const keys = new Set(tasks.flatMap((task) => Object.keys(results[task]!)));
      for (const key of keys) {
        const [name, filter] = key.split(',');
        if (name !== metric) continue;
        const having = tasks.filter((task) => typeof results[task]![key] === 'number');
        const weights = having.map((task) => (isWeighted ? sizes[task]! : 1));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const errorKey = `${metric}_stderr,${filter}`;
        const errors = having.map((task) => results[task]![errorKey]);
        const sum = having.reduce((sum, task, i) => sum + weights[i]! * (results[task]![key] as number), 0);
        const areKnown = errors.every((error) => typeof error === 'number');
        common[key] = total > 0 ? sum / total : null;
        common[errorKey] = areKnown
          ? (pooledStandardError(
              errors as number[],
              having.map((task) => sizes[task]!),
            ) ?? null)
          : null;
      }
    }
    found[config.group] = common;
  }
  return found;
}
