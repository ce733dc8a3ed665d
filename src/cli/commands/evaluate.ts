import type { Command } from 'commander';
import type { Evaluation } from '../../examine/evaluation/evaluate.js';
import type { Model } from '../../model/model.js';
import { taskData } from '../evaluation/data_flag.js';
import { resultTable } from '../evaluation/table.js';
import { loadForCommand } from '../inputs/load_model.js';
import { modelSource } from '../inputs/model_source.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { addModelFlags, type ModelValues } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { checkNewFile, jsonText, writeNewFile } from '../outputs/new_file.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { TextOutput, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

const BASICS = 'Model and output:';
const TASKS = 'Tasks:';

const DETAILS = `
Requests, windows, metrics and files of tasks are those of EleutherAI's
lm-evaluation-harness. A task's documents come from its data set on the Hugging
Face hub, or from --data: JSON lines, Parquet, or a folder with a file for each
task. The seed draws other examples than Python would.

Beside each number stand its standard error and the rules without which numbers
cannot be compared: what ln p is divided by, how long texts are cut, and how
texts are changed before.

With --cache, a command that was ended goes on where it was, and answers are not
computed twice.

Examples:
  gpt2-wasm evaluate --list
  gpt2-wasm evaluate --task lambada,arc --model openai-community/gpt2
  gpt2-wasm evaluate --task blimp --data blimp/ --limit 100 --cache answers.jsonl
  gpt2-wasm evaluate --task my_task.yaml --data my_questions.jsonl --out results.json`;

const gathered = (text: string, previous: readonly string[] = []): string[] => [...previous, text];
const names = (text: string, previous: readonly string[] = []): string[] => [
  ...previous,
  ...text.split(',').filter((name) => name !== ''),
];

const TASK_FLAGS: Readonly<Record<string, Flag>> = {
  task: {
    value: 'names',
    parse: names,
    help: 'tasks, groups and .yaml files, separated by commas',
    isRepeatable: true,
  },
  list: { help: 'print the names of the tasks, and end' },
  data: {
    value: '[task=]path',
    parse: gathered,
    help: 'documents in place of those of the hub',
    isRepeatable: true,
  },
  limit: { value: 'count', help: 'most documents of each task', range: '1 or more', standard: 'all' },
  fewShot: {
    value: 'count',
    help: 'examples before each question',
    range: '0 to 1000',
    standard: 'as the task says',
  },
  fewShotData: {
    value: '[task=]path',
    parse: gathered,
    help: 'documents for examples',
    standard: 'the training split, or --data',
    isRepeatable: true,
  },
  seed: { value: 'integer', help: 'seed of examples, sampled texts and the bootstrap', standard: 1234 },
  bootstrapIterations: {
    value: 'count',
    help: 'samples for the standard errors of metrics that are no means',
    range: '0 to 100000',
    standard: 1000,
  },
  cache: { value: 'file', parse: asText, help: 'file that keeps answers' },
};

const OUTPUT_FLAGS: Readonly<Record<string, Flag>> = {
  out: { value: 'file', parse: asText, help: 'write the results as JSON, as the harness names them' },
  force: { help: 'overwrite that file' },
  logSamples: { help: 'with --json or --out: add each document with its requests and answers' },
  json: jsonFlag('the results as JSON'),
  quiet: QUIET,
};

interface Values extends ModelValues {
  readonly task?: readonly string[];
  readonly list?: true;
  readonly data?: readonly string[];
  readonly limit?: number;
  readonly fewShot?: number;
  readonly fewShotData?: readonly string[];
  readonly seed?: number;
  readonly bootstrapIterations?: number;
  readonly cache?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly logSamples?: true;
  readonly json?: true;
}

export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('measure a model on tasks')
    .description("Measure a GPT-2 model on tasks, as EleutherAI's lm-evaluation-harness does.");
  addModelFlags(command, BASICS);
  addFlags(command, OUTPUT_FLAGS, BASICS);
  addFlags(command, TASK_FLAGS, TASKS);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((values: Values) => run(command, values));
}

async function run(command: Command, values: Values): Promise<void> {
  if (values.list) return list(values);
  const { task, out, force = false, logSamples = false } = values;
  if (task === undefined || task.length === 0)
    command.error('error: no --task; --list prints the names of tasks');
  if (logSamples && !values.json && out === undefined) {
    command.error('error: --log-samples needs --json or --out, which have them');
  }
  if (out !== undefined) await checkNewFile(out, force);
  const { limit, fewShot, seed, bootstrapIterations, cache } = values;
  const data = taskData(values.data, '--data');
  const fewShotData = taskData(values.fewShotData, '--few-shot-data');
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const progress = reportProgress(process.stderr, 'evaluating', values);
  let loaded: Model | undefined;
  try {
    const { evaluate } = await import('../../examine/evaluation/evaluate.js');
    const { findTasks } = await import('../../examine/evaluation/find_tasks.js');
    // A wrong name is said before a large model is loaded.
    await findTasks(task);
    const model = await loadForCommand(values, signal);
    loaded = model;
    const evaluation = await evaluate(model, {
      ...{ tasks: task, data, fewShotData, limit, fewShot, seed, bootstrapIterations, cache },
      samples: logSamples,
      signal,
      onProgress: ({ done, total }) => progress.update({ loaded: done, total, file: 'requests' }),
    });
    progress.end();
    await write(evaluation, values);
  } catch (error) {
    const rest = cache === undefined ? '' : `; the answers so far are in ${cache}`;
    interrupt.report(error, `interrupted${rest}`);
  } finally {
    progress.end();
    loaded?.dispose();
  }
}

async function list({ json }: Values): Promise<void> {
  const { taskNames } = await import('../../examine/evaluation/find_tasks.js');
  const names = taskNames();
  if (json) await writeJson(names);
  else await new TextOutput().write(`${names.join('\n')}\n`);
}

async function write(evaluation: Evaluation, { model, out, force = false, json }: Values): Promise<void> {
  const whole = { ...evaluation, model_source: 'gpt2-wasm', model_name: modelSource(model).name };
  if (out !== undefined) await writeNewFile(out, jsonText(whole), force);
  if (json) await writeJson(whole);
  else await new TextOutput().write(resultTable(evaluation));
}
