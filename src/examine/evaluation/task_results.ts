import type { Doc } from './config/task_config.js';
import { type DocResults, resultsOf } from './doc_results.js';
import { applyFilters, TAKE_FIRST } from './metrics/filters.js';
import { aggregate, metricOf } from './metrics/metrics.js';
import { standardError } from './metrics/standard_error.js';
import type { PreparedTask } from './prepare_task.js';
import type { Answer, EvaluationRequest } from './requests/request.js';
import type { Value } from './template/values.js';

/** Numbers of a task: `METRIC,FILTER` and `METRIC_stderr,FILTER`, as the harness names them; `null`: there is none. */
export type TaskResults = Readonly<Record<string, number | string | null>>;

/** A document with its requests, answers and values, in the names of the harness. */
export interface Sample {
  readonly doc_id: number;
  readonly doc: Doc;
  readonly target: Value;
  readonly arguments: readonly (readonly unknown[])[];
  readonly resps: readonly unknown[];
  readonly filtered_resps: readonly unknown[];
  readonly filter: string;
  readonly metrics: readonly string[];
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
