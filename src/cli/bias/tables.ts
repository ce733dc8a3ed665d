import type { TemplateResult } from '../../examine/bias/templates/template_bias.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';

const HEAD = ['value', 'low', 'high', 'count', 'measure', 'group'];
const DIGITS = 4;

/** The estimates of a result, all together and by group, as lines with tabs. */
export function estimateTable(result: object): string {
  return tableOf([HEAD, ...rowsOf(result as JsonObject, '', 'all')]);
}

/** The texts of a template with their log-probabilities, the differences, and these beside the other values. */
export function templateTable({ texts, differences }: TemplateResult): string {
  const scored = texts.map(({ logprob, text }) => [shown(logprob), text]);
  const means = differences.map(({ value, than, difference }) => {
    return rowOf(difference as object as JsonObject, `${value} - ${than}`, 'all');
  });
  const single = differences.flatMap(({ value, than, rows }) =>
    rows.map(({ fill, difference, relative }) => {
      return [shown(difference), shown(relative), `${value} - ${than}`, Object.values(fill).join(', ')];
    }),
  );
  return [
    tableOf([['logprob', 'text'], ...scored]),
    tableOf([HEAD, ...means]),
    tableOf([['difference', 'relative', 'measure', 'group'], ...single]),
  ].join('\n');
}

function tableOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.join('\t')}\n`).join('');
}

function rowsOf(measures: JsonObject, measure: string, group: string): string[][] {
  if ('interval' in measures) return [rowOf(measures, measure, group)];
  return Object.entries(measures).flatMap(([name, value]) => {
    if (!isJsonObject(value)) return [];
    const members = Object.entries(value) as [string, JsonObject][];
    if (name === 'labels') return members.flatMap(([label, share]) => rowsOf(share, `label ${label}`, group));
    if (/^by[A-Z]/.test(name)) return members.flatMap(([each, some]) => rowsOf(some, measure, each));
    return rowsOf(value, name, group);
  });
}

/** A share, mean, score or correlation with its interval. */
function rowOf(estimate: JsonObject, measure: string, group: string): string[] {
  const { share, mean, score, value, total, count, occupations, interval } = estimate;
  const [low, high] = (interval ?? []) as number[];
  const counted = share === undefined ? (count ?? occupations ?? '-') : `${count}/${total}`;
  const number = (share ?? mean ?? score ?? value) as number;
  return [shown(number), shown(low), shown(high), String(counted), measure, group];
}

function shown(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(DIGITS);
}
