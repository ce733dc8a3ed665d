import { Gpt2Error } from '../../base/errors.js';
import { jsonProblem } from '../../files/check_json.js';
import { isPreference, type NewChoice, problemOf } from './choice.js';

/** A file of JSON lines with choices, as `gpt2-wasm finetune --task preference` reads them. */
export function linesOf(choices: readonly NewChoice[]): string {
  return choices.map((choice) => `${JSON.stringify(fieldsOf(choice))}\n`).join('');
}

function fieldsOf(choice: NewChoice): Record<string, unknown> {
  const { prompt, model, time } = choice;
  return isPreference(choice)
    ? { prompt, chosen: choice.chosen, rejected: choice.rejected, model, time }
    : { prompt, completion: choice.completion, label: choice.label, model, time };
}

/**
 * The choices in the JSON lines of a file: `{ prompt, chosen, rejected }` or `{ prompt, completion, label }`.
 * Other fields than `model` and `time` are ignored, and blank lines skipped. A line without a time gets `now`.
 * Throws `invalid-file` with the line.
 */
export function choicesIn(file: string, text: string, now: string): NewChoice[] {
  const choices: NewChoice[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const wrong = (problem: string, cause?: unknown) =>
      new Gpt2Error('invalid-file', `${file} line ${i + 1} ${problem}`, { cause });
    const choice = choiceOf(parsed(line, wrong), now);
    const problem =
      choice === undefined
        ? 'must be an object with the strings "prompt", "chosen" and "rejected", or with the strings "prompt" and ' +
          '"completion" and "label", true or false'
        : problemOf(choice);
    if (problem !== undefined) throw wrong(problem);
    choices.push(choice!);
  }
  if (choices.length === 0) throw new Gpt2Error('invalid-file', `${file} has no choices`);
  return choices;
}

function parsed(line: string, wrong: (problem: string, cause: unknown) => Error): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (cause) {
    throw wrong(`is ${jsonProblem(line)}`, cause);
  }
}

function choiceOf(fields: Readonly<Record<string, unknown>>, now: string): NewChoice | undefined {
  const { prompt, chosen, rejected, completion, label, model: name, time: when } = fields;
  if (typeof prompt !== 'string') return undefined;
  const model = typeof name === 'string' ? name : '';
  const hasTime = typeof when === 'string' && !Number.isNaN(Date.parse(when));
  const time = hasTime ? new Date(when).toISOString() : now;
  if (typeof chosen === 'string' && typeof rejected === 'string' && completion === undefined) {
    return { prompt, chosen, rejected, model, time };
  }
  if (typeof completion === 'string' && typeof label === 'boolean' && chosen === undefined) {
    return { prompt, completion, label, model, time };
  }
  return undefined;
}
