import { show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { exp } from '../../base/exact_math.js';
import { isJsonObject } from '../../files/json_object.js';
import type { Doc } from './config/task_config.js';
import { choiceAt } from './few_shot.js';
import { exactMatch } from './metrics/exact_match.js';
import type { MetricValue } from './metrics/metrics.js';
import { countWords } from './python_space.js';
import type { Answer } from './requests/request.js';
import type { TaskFields } from './task_fields.js';
import { asText, isList, type Value } from './template/values.js';

/** The values of metrics of a document, by name. */
export type DocResults = Readonly<Record<string, MetricValue>>;

/** The values of a document's metrics from the answers to its requests, by the rules of the harness. */
export function resultsOf(fields: TaskFields, doc: Doc, answers: readonly Answer[]): DocResults {
  const { output_type, process_results, task } = fields.config;
  if (process_results !== undefined) {
    const { results } = fields.functionOf(process_results.function);
    if (results === undefined) {
      throw new Gpt2Error('invalid-file', `process_results of ${task} names a function of another kind`);
    }
    return numbersOf(results(doc, answers), `${process_results.function} of ${task}`);
  }
  switch (output_type) {
    case 'loglikelihood': {
      const { logprob, isGreedy } = answers[0]!;
      return { perplexity: [logprob!], acc: [Number(isGreedy)] };
    }
    case 'loglikelihood_rolling':
      return rolling(asText(fields.target(doc)), answers[0]!.logprob!);
    case 'multiple_choice':
      return multipleChoice(fields, doc, answers);
    case 'generate_until':
      return generated(fields, doc, answers[0]!.text!);
  }
}

/** What a function gives for a document. Throws `invalid-option` for anything but finite numbers. */
function numbersOf(found: unknown, where: string): DocResults {
  const entries = Object.entries(isJsonObject(found) ? found : {}).map(([name, value]) => {
    return [name, Array.isArray(value) ? (value as number[]) : [value as number]] as const;
  });
  const areNumbers = entries.every(([, values]) => values.length > 0 && values.every(Number.isFinite));
  if (isJsonObject(found) && areNumbers) return Object.fromEntries(entries);
  throw new Gpt2Error(
    'invalid-option',
    `${where} returned ${show(found)}; it must return an object of finite numbers, or of lists of them`,
  );
}

function rolling(text: string, logprob: number): DocResults {
  const bytes = new TextEncoder().encode(text).length;
  return {
    word_perplexity: [logprob, countWords(text)],
    byte_perplexity: [logprob, bytes],
    bits_per_byte: [logprob, bytes],
  };
}

function multipleChoice(fields: TaskFields, doc: Doc, answers: readonly Answer[]): DocResults {
  const choices = fields.choices(doc);
  const all = answers.map(({ logprob }) => logprob!);
  const logprobs = all.slice(0, choices.length);
  const unconditional = all.slice(choices.length);
  const golds = goldIndices(fields, doc, choices);
  const isRight = (index: number) => [Number(golds.includes(index))];
  const best = bestOf(logprobs);
  const perUnit = (size: (choice: string) => number) =>
    bestOf(logprobs.map((logprob, i) => logprob / size(choices[i]!)));
  const [gold] = golds;
  return {
    acc: isRight(best),
    acc_norm: isRight(perUnit((choice) => [...choice].length)),
    acc_bytes: isRight(perUnit((choice) => new TextEncoder().encode(choice).length)),
    ...(unconditional.length > 0 && {
      acc_mutual_info: isRight(bestOf(logprobs.map((logprob, i) => logprob - unconditional[i]!))),
    }),
    exact_match: [Number(golds.some((index) => answers[index]?.isGreedy))],
    f1: [gold!, best],
    mcc: [gold!, best],
    brier_score: [gold!, ...shares(logprobs)],
  };
}

/** The indices of the right choices; none of a document whose right choice does not exist. */
function goldIndices(fields: TaskFields, doc: Doc, choices: readonly string[]): number[] {
  const given: Value = fields.choosesText(doc) ? (fields.text(doc) as number) : fields.target(doc);
  return (isList(given) ? given : [given]).map((gold) =>
    typeof gold === 'number' && gold < choices.length ? gold : choices.indexOf(asText(gold)),
  );
}

/** Index of the largest number, the first of equal ones. */
function bestOf(numbers: readonly number[]): number {
  return numbers.reduce((best, number, i) => (number > numbers[best]! ? i : best), 0);
}

/** e^logprob of each over the sum of all. */
function shares(logprobs: readonly number[]): number[] {
  const most = logprobs[bestOf(logprobs)]!;
  const weights = logprobs.map((logprob) => exp(logprob - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** A generated text, compared with the right one, or with several of which one is enough. */
function generated(fields: TaskFields, doc: Doc, text: string): DocResults {
  const target = fields.target(doc);
  const isChoice = fields.config.doc_to_choice !== undefined;
  const references = (isList(target) ? target : [target]).map((reference) =>
    isChoice && typeof reference === 'number' ? choiceAt(fields, doc, reference) : asText(reference),
  );
  const results: Record<string, MetricValue> = {};
  for (const config of fields.config.metric_list) {
    if (config.metric !== 'exact_match') continue;
    results.exact_match = [Number(references.some((reference) => exactMatch(text, reference, config)))];
  }
  return results;
}
