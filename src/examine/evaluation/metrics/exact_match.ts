import type { MetricConfig } from '../config/task_config.js';
import { expression } from './expression.js';

/** Python's `string.punctuation`. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/** Throws `invalid-file` for expressions that are wrong. */
export function checkIgnored({ metric, regexes_to_ignore: sources = [] }: MetricConfig, where: string): void {
  for (const source of sources) expression(source, `${metric} of ${where} has in regexes_to_ignore`);
}

/** Whether a text is the reference, after the changes that the metric asks for. */
export function exactMatch(text: string, reference: string, config: MetricConfig): boolean {
  return changed(text, config) === changed(reference, config);
}

function changed(text: string, config: MetricConfig): string {
  let result = text;
  for (const source of config.regexes_to_ignore ?? []) {
    result = result.replace(expression(source, config.metric, result), '');
  }
  if (config.ignore_case) result = result.toLowerCase();
  if (config.ignore_punctuation) result = result.replace(PUNCTUATION, '');
  if (config.ignore_numbers) result = result.replace(/[0-9]/g, '');
  return result;
}
