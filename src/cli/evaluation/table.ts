import type { Evaluation } from '../../examine/evaluation/evaluate.js';

const HEADER = [
  'task',
  'documents',
  'examples',
  'metric',
  'value',
  'error',
  'normalization',
  'windows',
  'detokenizer',
];
/** Columns whose cells end at the same place. */
const NUMBERS = [1, 2, 4, 5];

/** The numbers of an evaluation, each with the rules that it was computed by; the last ones are those of groups. */
export function resultTable(evaluation: Evaluation): string {
  const { results, groups, rules, group_subtasks: subtasks } = evaluation;
  const rows = [HEADER];
  for (const [task, of] of Object.entries(results)) {
    const { windows, detokenizer, normalization } = rules[task]!;
    const facts = [String(evaluation['n-samples'][task]!.effective), String(evaluation['n-shot'][task])];
    for (const [metric, value, error] of numbersIn(of)) {
      const [name] = metric.split(' ');
      rows.push([task, ...facts, metric, value, error, normalization[name!]!, windows, detokenizer]);
    }
  }
  for (const [group, of] of Object.entries(groups)) {
    const size = subtasks[group]!.reduce((sum, task) => sum + evaluation['n-samples'][task]!.effective, 0);
    for (const [metric, value, error] of numbersIn(of)) {
      const tasks = `${subtasks[group]!.length} tasks together`;
      rows.push([group, String(size), '', metric, value, error, tasks, '', '']);
    }
  }
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => (NUMBERS.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** Each metric with its value and standard error; the name of a filter stands behind that of the metric. */
function* numbersIn(results: Evaluation['results'][string]): Generator<[string, string, string]> {
  for (const [key, value] of Object.entries(results)) {
    const [metric, filter] = key.split(',');
    if (filter === undefined || metric!.endsWith('_stderr')) continue;
    const error = results[`${metric}_stderr,${filter}`];
    yield [filter === 'none' ? metric! : `${metric} (${filter})`, figure(value!), figure(error!)];
  }
}

/** Four decimals; of large numbers six digits. */
function figure(value: number | string | null): string {
  if (typeof value !== 'number') return '-';
  return Math.abs(value) < 1000 ? value.toFixed(4) : value.toPrecision(6);
}
