import type { MetricConfig } from '../config/task_config.js';

/** Python's `string.punctuation`. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/** Whether a text is the reference, after the changes that the metric asks for. */
export function exactMatch(text: string, reference: string, config: MetricConfig): boolean {
  return changed(text, config) === changed(reference, config);
}

function changed(text: string, config: MetricConfig): string {
  let result = text;
  for (const source of config.regexes_to_ignore ?? []) result = result.replace(new RegExp(source, 'gu'), '');
  if (config.ignore_case) result = result.toLowerCase();
  if (config.ignore_punctuation) result = result.replace(PUNCTUATION, '');
  if (config.ignore_numbers) result = result.replace(/[0-9]/g, '');
  return result;
}
