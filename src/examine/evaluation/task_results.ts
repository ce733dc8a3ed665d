import type { Doc } from './config/task_config.js';
import { type DocResults, resultsOf } from './doc_results.js';
import { applyFilters, TAKE_FIRST } from './metrics/filters.js';
import { aggregate, metricOf } from './metrics/metrics.js';
import { standardError } from './metrics/standard_error.js';
import type { PreparedTask } from './prepare_task.js';
import type { Answer, EvaluationRequest } from './requests/request.js';
import type { Value } from './template/values.js';

/**
 * Numbers of a task: `METRIC,FILTER` and its standard error `METRIC_stderr,FILTER`, as the harness names them, null if
 * there is none; `alias` is the name of the task.
 */
export type TaskResults = Readonly<Record<string, number | string | null>>;

/** A document with its requests, answers and values, in the names of the harness. */
export interface Sample {
  /** Index of the document among those of the task, from 0. */
  readonly doc_id: number;
  /** The document, after `process_docs`. */
  readonly doc: Doc;
  /** What `doc_to_target` gives: the right text, the index of the right choice, or several of these. */
  readonly target: Value;
  /** Of each request [context, continuation], [text], or [context, settings] of `generate_until`. */
  readonly arguments: readonly (readonly unknown[])[];
  /** The answer to each request: [ln p, is greedy], ln p of a whole text, or the generated text. */
  readonly resps: readonly unknown[];
  /** The answers after the filter. */
  readonly filtered_resps: readonly unknown[];
  /** Name of the filter; `none` if the task has none. */
  readonly filter: string;
  /** Names of the metrics that the document has values of; the values are further fields. */
  readonly metrics: readonly string[];
  /** The value of each metric of the document; several numbers for some metrics of all documents together. */
  readonly [metric: string]: unknown;
}

/** The results of a task from the answers to the requests of each document. */
export function taskResults(
  { fields, docs, requests }: PreparedTask,
  answers: readonly (readonly Answer[])[],
  options: { readonly seed: number; readonly iterations: number; readonly samples: boolean },
): { readonly results: TaskResults; readonly samples: Sample[] } {
  const { config } = fields;
  const isText = config.output_type === 'generate_until';
  const filters = (isText && config.filter_list) || [TAKE_FIRST];
  const results: Record<string, number | string | null> = { alias: config.task };
  const samples: Sample[] = [];
  for (const filter of filters) {
    const filtered = answers.map((each) =>
      isText
        ? applyFilters(
            each.map(({ text }) => text!),
            filter,
          ).map((text) => ({ text }))
        : each,
    );
    const found = docs.map((doc, i) => resultsOf(fields, doc, filtered[i]!));
    for (const { metric, aggregation = metricOf(metric).aggregation } of config.metric_list) {
      const values = found.map((of) => of[metric]).filter((value) => value !== undefined);
      const error = values.length > 0 ? standardError(aggregation, values, options) : undefined;
      results[`${metric},${filter.name}`] =
        (values.length > 0 ? aggregate(aggregation, values) : null) ?? null;
      results[`${metric}_stderr,${filter.name}`] = error ?? null;
    }
    if (!options.samples) continue;
    docs.forEach((doc, i) => {
      const about = { doc_id: i, doc, target: fields.target(doc), filter: filter.name };
      samples.push({
        ...about,
        arguments: requests[i]!.map(argumentsOf),
        resps: answers[i]!.map(responseOf),
        filtered_resps: filtered[i]!.map(responseOf),
        ...valuesOf(
          found[i]!,
          config.metric_list.map(({ metric }) => metric),
        ),
      });
    });
  }
  return { results, samples };
}

function argumentsOf(request: EvaluationRequest): readonly unknown[] {
  if (request.type === 'loglikelihood') return [request.context, request.continuation];
  return request.type === 'generate_until' ? [request.context, request.settings] : [request.text];
}

function responseOf({ logprob, isGreedy, text }: Answer): unknown {
  if (text !== undefined) return text;
  return isGreedy === undefined ? logprob : [logprob, isGreedy];
}

function valuesOf(found: DocResults, names: readonly string[]) {
  const metrics = names.filter((name) => name in found);
  const values = metrics.map((name) => {
    const value = found[name]!;
    return [name, value.length === 1 ? value[0] : value] as const;
  });
  return { metrics, ...Object.fromEntries(values) };
}
