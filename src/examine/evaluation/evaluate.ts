import { throwIfAborted } from '../../base/errors.js';
import { nextTask } from '../../base/next_task.js';
import type { LineLog } from '../../files/line_log.js';
import { openLineLog } from '../../files/platform.js';
import type { AnyModel } from '../any_model.js';
import { checkModel, runOperation } from '../run_operation.js';
import type { TaskConfig } from './config/task_config.js';
import { findTasks } from './find_tasks.js';
import { groupResults } from './group_results.js';
import { metricOf } from './metrics/metrics.js';
import { checkData, type EvaluateOptions, resolveOptions } from './options.js';
import { type PreparedTask, prepareTask } from './prepare_task.js';
import type { Answer } from './requests/request.js';
import { RequestLog } from './requests/request_log.js';
import { type RunOptions, runRequests } from './requests/run_requests.js';
import { type Rules, rulesOf } from './rules.js';
import { type Sample, type TaskResults, taskResults } from './task_results.js';
import { templateCompiler } from './template/template.js';

/** The results of an evaluation, in the form that EleutherAI's harness writes them; the keys are names of tasks. */
export interface Evaluation {
  /** The metrics of each task. */
  readonly results: Readonly<Record<string, TaskResults>>;
  /** The common results of groups that have them. */
  readonly groups: Readonly<Record<string, TaskResults>>;
  /** Names of the tasks of each group, those of groups in it included. */
  readonly group_subtasks: Readonly<Record<string, readonly string[]>>;
  /** The fields of each task. */
  readonly configs: Readonly<Record<string, TaskConfig>>;
  /** The version in the metadata of each task; null if it has none. */
  readonly versions: Readonly<Record<string, number | string | null>>;
  /** Examples before each question of a task. */
  readonly 'n-shot': Readonly<Record<string, number>>;
  /** By task and metric: whether higher values are better. */
  readonly higher_is_better: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
  /** Documents of each task: `original` of its data, null if a limit ended the reading, and `effective` evaluated. */
  readonly 'n-samples': Readonly<
    Record<
      string,
      {
        /** Of the task's data; null if a limit ended the reading. */
        readonly original: number | null;
        /** That were evaluated. */
        readonly effective: number;
      }
    >
  >;
  /** How texts were cut and changed, and what numbers are divided by. */
  readonly rules: Readonly<Record<string, Rules>>;
  /** Settings of the evaluation. */
  readonly config: {
    /** The model's context length in tokens. */
    readonly context_length: number;
    /** Most documents of a task; null if there is no limit. */
    readonly limit: number | null;
    /** Seed of examples, sampled texts and bootstrap. */
    readonly seed: number;
    /** Samples of the bootstrap. */
    readonly bootstrap_iters: number;
  };
  /** With the option `samples`: the documents of each task with requests, answers and values. */
  readonly samples?: Readonly<Record<string, readonly Sample[]>>;
}

/**
 * Evaluates a model as EleutherAI's lm-evaluation-harness does (Gao et al. 2021): the same requests, windows, metrics
 * and files of tasks. Requests of all tasks fill the model's batches together; progress counts them. The standard error
 * of a mean is that of its formula, of other metrics that of a bootstrap with a seed.
 *
 * Throws `invalid-option`; `not-found` for unknown tasks and data; `invalid-file` for wrong ones; `unsupported` for
 * metrics and functions that are not there; `network`, `storage` and `aborted`. An aborted evaluation with a `cache`
 * continues from there.
 */
export async function evaluate(model: AnyModel, options: EvaluateOptions): Promise<Evaluation> {
  checkModel(model);
  const resolved = resolveOptions(options);
  const { sources, limit, seed, bootstrapIterations: iterations, signal, samples = false } = resolved;
  const found = await findTasks(sources);
  checkData(options, found.tasks);
  const compile = await templateCompiler();
  const prepared: PreparedTask[] = [];
  for (const config of found.tasks) {
    throwIfAborted(signal, 'the evaluation');
    prepared.push(await prepareTask(config, compile, resolved));
  }
  const answers = await answersOf(model, prepared, resolved);
  const outcome: ReturnType<typeof taskResults>[] = [];
  for (const [i, task] of prepared.entries()) {
    // A bootstrap takes its time.
    await nextTask();
    throwIfAborted(signal, 'the evaluation');
    outcome.push(taskResults(task, answers[i]!, { seed, iterations, samples }));
  }
  const byTask = <T>(value: (task: PreparedTask, index: number) => T): Record<string, T> =>
    Object.fromEntries(prepared.map((task, i) => [task.fields.config.task, value(task, i)]));
  const results = byTask((_, i) => outcome[i]!.results);
  const sizes = byTask(({ docs }) => docs.length);
  return {
    results,
    groups: groupResults(found.groups, results, sizes),
    group_subtasks: Object.fromEntries(found.groups.map(({ config, tasks }) => [config.group, tasks])),
    configs: byTask(({ fields }) => fields.config),
    versions: byTask(({ fields }) => fields.config.metadata?.version ?? null),
    'n-shot': byTask(({ fewShot }) => fewShot),
    higher_is_better: byTask(({ fields }) =>
      Object.fromEntries(
        fields.config.metric_list.map(
          ({ metric, higher_is_better: higher = metricOf(metric).higherIsBetter }) => [metric, higher],
        ),
      ),
    ),
    'n-samples': byTask(({ docs, isLimited }) => ({
      original: isLimited ? null : docs.length,
      effective: docs.length,
    })),
    rules: byTask(({ fields }) => rulesOf(fields.config, model.config.contextLength)),
    config: {
      context_length: model.config.contextLength,
      limit: Number.isFinite(limit) ? limit : null,
      seed,
      bootstrap_iters: iterations,
    },
    ...(samples && { samples: byTask((_, i) => outcome[i]!.samples) }),
  };
}

/** The answers to the requests of each document of each task. */
async function answersOf(
  model: AnyModel,
  tasks: readonly PreparedTask[],
  { cache, signal, onProgress }: EvaluateOptions,
): Promise<Answer[][][]> {
  const placed = tasks.flatMap(({ fields, requests }) =>
    requests.flatMap((each, doc) =>
      each.map((request) => ({ request, name: `document ${doc} of ${fields.config.task}` })),
    ),
  );
  const requests = placed.map(({ request }) => request);
  const nameOf = (index: number) => placed[index]!.name;
  const run = (options: RunOptions) =>
    runRequests(model, requests, { ...options, signal, onProgress, nameOf });
  const answers = await (cache === undefined ? run({}) : withLog(model, cache, (log) => run({ log })));
  let next = 0;
  return tasks.map((task) => task.requests.map((each) => each.map(() => answers[next++]!)));
}

/** Uses the answers in a file, which it closes if it opened it. */
async function withLog<T>(
  model: AnyModel,
  cache: string | LineLog,
  use: (log: RequestLog) => Promise<T>,
): Promise<T> {
  const identity = JSON.stringify(await runOperation(model, 'modelIdentity', {}, {}));
  const lines = typeof cache === 'string' ? await openLineLog(cache) : cache;
  try {
    return await use(await RequestLog.open(lines, identity));
  } finally {
    if (typeof cache === 'string') await lines.close();
  }
}
