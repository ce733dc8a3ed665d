import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject } from '../../files/json_object.js';
import type { LineLog } from '../../files/line_log.js';
import type { Work } from '../../model/remote_models.js';
import type { TaskConfig } from './config/task_config.js';
import type { DocumentSource } from './data/documents.js';
import type { TaskSource } from './find_tasks.js';
import type { TaskFunction } from './tasks/functions.js';

/** Documents of one task, or of several by the names of the tasks. */
export type TaskData =
  | DocumentSource
  | {
      /** The documents of each task; tasks that are not named have none here. */
      readonly byTask: Readonly<Record<string, DocumentSource>>;
    };

/** How a model is evaluated. */
export interface EvaluateOptions extends Work {
  /** The task: its name, the path of its YAML file, or an object with the fields of one. */
  readonly task?: TaskSource | undefined;
  /** Several tasks, which are evaluated together. */
  readonly tasks?: readonly TaskSource[] | undefined;
  /**
   * The documents, or `{ byTask: { NAME: documents } }`. Tasks without any take those of their data set on the hub, in
   * Node, Deno and Bun.
   */
  readonly data?: TaskData | undefined;
  /** The documents that examples are drawn from; by default those of the data set's training split, or `data`. */
  readonly fewShotData?: TaskData | undefined;
  /** Most documents of each task, in their order; by default all. */
  readonly limit?: number | undefined;
  /** Examples before each question, 0 to 1000; by default what the task says, usually 0. */
  readonly fewShot?: number | undefined;
  /**
   * Seed of the examples, of sampled texts and of the bootstrap, an integer from 0 to 2^53 - 1: 1234 by default. The
   * same seed draws the same everywhere, but not what Python draws.
   */
  readonly seed?: number | undefined;
  /** Samples of the bootstrap, 0 to 100,000; 1000 by default. With 0 only means have a standard error. */
  readonly bootstrapIterations?: number | undefined;
  /**
   * A file that gets the answer to each finished request, or an object that keeps lines. With the same model and the
   * same file, an evaluation that was ended goes on, and answers are not computed twice.
   */
  readonly cache?: string | LineLog | undefined;
  /** Whether the result has each document with its requests and answers. Default false. */
  readonly samples?: boolean | undefined;
  /** Functions that task files name by `!function NAME`, beside those of the package. */
  readonly functions?: Readonly<Record<string, TaskFunction>> | undefined;
}

const OPTION_NAMES = Object.keys({
  task: true,
  tasks: true,
  data: true,
  fewShotData: true,
  limit: true,
  fewShot: true,
  seed: true,
  bootstrapIterations: true,
  cache: true,
  samples: true,
  functions: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof EvaluateOptions, true>);

/** The options with their defaults. */
export interface ResolvedEvaluateOptions extends EvaluateOptions {
  readonly sources: readonly TaskSource[];
  readonly limit: number;
  readonly seed: number;
  readonly bootstrapIterations: number;
}

/** Checks the options. Throws `invalid-option`. */
export function resolveOptions(options: EvaluateOptions): ResolvedEvaluateOptions {
  checkOptionNames('evaluate', options, OPTION_NAMES);
  const { task, tasks, limit = Number.POSITIVE_INFINITY, fewShot, functions, samples } = options;
  const { seed = 1234, bootstrapIterations = 1000, cache } = options;
  const sources = [...(task === undefined ? [] : [task]), ...(tasks ?? [])];
  if (sources.length === 0) throw invalidOption('tasks', tasks, 'at least one task');
  if (limit !== Number.POSITIVE_INFINITY) checkNumber('limit', limit, whole(1));
  if (fewShot !== undefined) checkNumber('fewShot', fewShot, whole(0, 1000));
  checkNumber('seed', seed, whole(0));
  checkNumber('bootstrapIterations', bootstrapIterations, whole(0, 100_000));
  if (samples !== undefined && typeof samples !== 'boolean') {
    throw invalidOption('samples', samples, 'true or false');
  }
  if (functions !== undefined && !isJsonObject(functions)) {
    throw invalidOption('functions', functions, 'an object of functions by name');
  }
  if (cache !== undefined && typeof cache !== 'string' && typeof cache?.append !== 'function') {
    throw invalidOption('cache', cache, 'the path of a file, or an object that keeps lines');
  }
  return { ...options, sources, limit, seed, bootstrapIterations };
}

/** Throws `invalid-option` for documents of tasks that are not evaluated. */
export function checkData(options: EvaluateOptions, tasks: readonly TaskConfig[]): void {
  const known = tasks.map(({ task }) => task);
  for (const name of ['data', 'fewShotData'] as const) {
    const value: unknown = options[name];
    if (!isByTask(value)) continue;
    const { byTask } = value;
    if (!isJsonObject(byTask))
      throw invalidOption(`${name}.byTask`, byTask, 'an object of documents by task');
    const unknown = Object.keys(byTask).find((task) => !known.includes(task));
    if (unknown === undefined) continue;
    const shown = known.slice(0, SHOWN);
    const rest = known.length > SHOWN ? ` and ${known.length - SHOWN} more` : '';
    throw new Gpt2Error(
      'invalid-option',
      `${name} has documents for ${unknown}, which is not evaluated; the tasks are ${quotedList(shown)}${rest}`,
    );
  }
}

/** Names of tasks in a message. */
const SHOWN = 10;

function isByTask(data: unknown): data is { readonly byTask: Readonly<Record<string, DocumentSource>> } {
  return isJsonObject(data) && Object.hasOwn(data, 'byTask');
}

/** The documents that were given for a task. */
export function dataOf(data: TaskData | undefined, { task }: TaskConfig): DocumentSource | undefined {
  if (!isByTask(data)) return data as DocumentSource | undefined;
  return Object.hasOwn(data.byTask, task) ? data.byTask[task] : undefined;
}
