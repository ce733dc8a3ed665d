import { quotedList } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Doc, TaskConfig } from './config/task_config.js';
import { type DocumentSource, readDocuments } from './data/documents.js';
// Not on demand: a worker loads this file without using it, and Vite's build of workers fails at such an import.
import { hubDocuments } from './data/hub_documents.js';
import { requestsOf } from './doc_requests.js';
import { contextBefore, type ExampleSource } from './few_shot.js';
import { checkIgnored } from './metrics/exact_match.js';
import { checkFilters, TAKE_FIRST } from './metrics/filters.js';
import { AGGREGATION_NAMES, METRIC_NAMES, metricOf } from './metrics/metrics.js';
import { dataOf, type ResolvedEvaluateOptions } from './options.js';
import type { EvaluationRequest } from './requests/request.js';
import { TaskFields } from './task_fields.js';
import { FUNCTIONS } from './tasks/functions.js';
import { jsonDocument } from './template/json_value.js';
import type { Compile } from './template/template.js';

/** A task with its documents and the requests of each. */
export interface PreparedTask {
  readonly fields: TaskFields;
  readonly docs: readonly Doc[];
  readonly requests: readonly (readonly EvaluationRequest[])[];
  /** Examples before each question. */
  readonly fewShot: number;
  /** Whether there may be more documents than `docs`. */
  readonly isLimited: boolean;
}

/** Reads the documents of a task and makes their requests. Throws what reading and templates throw. */
export async function prepareTask(
  config: TaskConfig,
  compile: Compile,
  options: ResolvedEvaluateOptions,
): Promise<PreparedTask> {
  const { limit, functions, seed, signal } = options;
  checkMetrics(config);
  checkFilters(config.filter_list ?? [TAKE_FIRST], config.task);
  const fields = new TaskFields(config, compile, { ...FUNCTIONS, ...functions });
  const fewShot = config.num_fewshot === 0 ? 0 : (options.fewShot ?? config.num_fewshot ?? 0);
  const given = dataOf(options.data, config);
  const split = config.test_split ?? config.validation_split ?? config.training_split;
  const docs = await documents(fields, given, split, limit, signal);
  const examples: ExampleSource = {
    docs: fewShot > 0 ? await exampleDocs(fields, options) : [],
    count: fewShot,
    seed,
  };
  const requests = docs.map((doc, i) =>
    requestsOf(fields, doc, contextBefore(fields, doc, i, examples), seed),
  );
  return { fields, docs, requests, fewShot, isLimited: docs.length >= limit };
}

function checkMetrics({ task, process_results, metric_list }: TaskConfig): void {
  for (const config of metric_list) {
    const { metric, aggregation = metricOf(metric).aggregation } = config;
    checkIgnored(config, task);
    if (process_results === undefined && !METRIC_NAMES.includes(metric)) {
      throw new Gpt2Error(
        'unsupported',
        `${task} has the metric ${metric}; the metrics are ${quotedList(METRIC_NAMES)}`,
      );
    }
    if (!AGGREGATION_NAMES.includes(aggregation)) {
      throw new Gpt2Error(
        'unsupported',
        `${task} has the aggregation ${aggregation}; the aggregations are ${quotedList(AGGREGATION_NAMES)}`,
      );
    }
  }
}

/** The documents of examples: those that were given, or of the task, of its few-shot or training split, or all. */
async function exampleDocs(fields: TaskFields, options: ResolvedEvaluateOptions): Promise<Doc[]> {
  const { config } = fields;
  const { samples, split } = config.fewshot_config ?? {};
  const given = dataOf(options.fewShotData, config) ?? samples ?? dataOf(options.data, config);
  const names = [
    split,
    config.fewshot_split,
    config.training_split,
    config.validation_split,
    config.test_split,
  ];
  const first = names.find((name) => name);
  return documents(fields, given, first, Number.POSITIVE_INFINITY, options.signal);
}

async function documents(
  fields: TaskFields,
  given: DocumentSource | undefined,
  split: string | null | undefined,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Doc[]> {
  const { config } = fields;
  const docs =
    given === undefined
      ? await ofHub(config, split, limit, signal)
      : await readDocuments(given, config, limit, signal);
  if (config.process_docs === undefined) return docs;
  const { doc: change } = fields.functionOf(config.process_docs.function);
  if (change === undefined) {
    throw new Gpt2Error('invalid-file', `process_docs of ${config.task} names a function of another kind`);
  }
  const changed = docs.map((doc, i) => {
    try {
      return change(doc);
    } catch (cause) {
      const { message } = cause as Error;
      throw new Gpt2Error('invalid-file', `document ${i} of ${config.task}: ${message}`, { cause });
    }
  });
  return changed.map((doc, i) =>
    jsonDocument(doc, `document ${i} as ${config.process_docs!.function} gives it`),
  );
}

async function ofHub(
  config: TaskConfig,
  split: string | null | undefined,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Doc[]> {
  if (split) return hubDocuments(config, split, limit, signal);
  throw new Gpt2Error('invalid-file', `${config.task} names no split of its data set`);
}
