import type { Command } from 'commander';
import { checkNumber, whole } from '../../base/check_number.js';
import { fillTemplate } from '../../examine/bias/templates/fill_template.js';
import { templateBias } from '../../examine/bias/templates/template_bias.js';
import type { Model } from '../../model/model.js';
import { MEASURES, type MeasureWork, type ReadMeasure } from '../bias/measures.js';
import { estimateTable, templateTable } from '../bias/tables.js';
import { type BiasValues, MEASURE_FLAGS, type MeasureName, TEST_FLAGS } from '../bias/values.js';
import { loadForCommand } from '../inputs/load_model.js';
import { addFlags, flagOf } from '../options/flag.js';
import { addModelFlags } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { TextOutput, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

const BASICS = 'Model and output:';

const DETAILS = `
The files are those that the authors publish. Each test prints its measures for
all entries together and by group, with an interval of 95 % and the count; an
interval without the value that an unbiased model has (0.5 for shares, 0 for
differences of log-probabilities) says that the data show a bias. A test finds
only the biases that it asks for, and shows those of the model, not of its use.

Examples:
  gpt2-wasm bias --model ./gpt2 --crows-pairs crows_pairs_anonymized.csv
  gpt2-wasm bias --model ./gpt2 --winobias pro_stereotyped_type1.txt.test --json
  gpt2-wasm bias --honest en_template.tsv --words hurtlex_EN.tsv
  gpt2-wasm bias --bold gender_prompt.json --words toxic.txt --limit 100
  gpt2-wasm bias --template "The {job} said that {pronoun} was tired." \\
    --fill job=nurse,doctor,teacher --fill pronoun=he,she`;

/** Flags that change nothing without one of some tests. */
const FLAGS_OF_TESTS = {
  words: ['honest', 'bold', 'prompts'],
  count: ['honest', 'bold', 'prompts'],
  maxTokens: ['honest', 'bold', 'prompts'],
  debias: ['bold', 'prompts'],
  occupations: ['winogender'],
} as const satisfies Partial<Record<keyof BiasValues, readonly MeasureName[]>>;

/** A test that the flags ask for. */
interface Test {
  readonly test: string;
  /** The file, or the template. */
  readonly of: string;
  readonly measure: ReadMeasure;
  table(result: object): string;
}

export function addBias(program: Command): void {
  const command = program
    .command('bias')
    .summary('measure biases of a model')
    .description('Measure biases of a GPT-2 model with published tests, or with templates of your own.');
  addFlags(command, { ...MEASURE_FLAGS, ...TEST_FLAGS });
  addModelFlags(command, BASICS);
  addFlags(command, { json: jsonFlag('one JSON object for each test'), quiet: QUIET }, BASICS);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((values: BiasValues) => bias(command, values));
}

async function bias(command: Command, values: BiasValues): Promise<void> {
  const { limit, seed, template, fill, compare } = values;
  if (limit !== undefined) checkNumber('--limit', limit, whole(1));
  if (seed !== undefined) checkNumber('--seed', seed, whole(0));
  if ((fill ?? compare) !== undefined && template === undefined) {
    command.error('error: --fill and --compare need --template');
  }
  for (const [name, tests] of Object.entries(FLAGS_OF_TESTS)) {
    const isGiven = values[name as keyof typeof FLAGS_OF_TESTS] !== undefined;
    if (isGiven && tests.every((test) => values[test] === undefined)) {
      command.error(`error: ${flagOf(name)} needs ${tests.map(flagOf).join(' or ')}`);
    }
  }
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  let model: Model | undefined;
  try {
    // All files are read before the model, which may take long.
    const tests = await readTests(values, signal);
    if (tests.length === 0) command.error('error: no test; name the file of one, such as --crows-pairs FILE');
    model = await loadForCommand(values, signal);
    for (const test of tests) await run(test, model, signal, values);
  } catch (error) {
    interrupt.report(error, 'interrupted; the printed tests are complete');
  } finally {
    model?.dispose();
  }
}

async function readTests(values: BiasValues, signal: AbortSignal): Promise<Test[]> {
  const tests: Test[] = [];
  for (const name of Object.keys(MEASURES) as MeasureName[]) {
    for (const path of values[name] ?? []) {
      const measure = await MEASURES[name](path, values, signal);
      tests.push({ test: flagOf(name).slice(2), of: path, measure, table: estimateTable });
    }
  }
  const { template, fill = {}, compare, seed } = values;
  if (template === undefined) return tests;
  fillTemplate(template, fill);
  const measure = (model: Model, work: MeasureWork) => {
    return templateBias(model, template, fill, { ...work, compare, seed });
  };
  const table = templateTable as Test['table'];
  return [...tests, { test: 'template', of: template, measure, table }];
}

async function run(
  { test, of, measure, table }: Test,
  model: Model,
  signal: AbortSignal,
  { json, quiet }: BiasValues,
): Promise<void> {
  const progress = reportProgress(process.stderr, 'measuring', { quiet });
  let result: object;
  try {
    result = await measure(model, {
      signal,
      onProgress: ({ done, total }) => progress.update({ loaded: done, total, file: of }),
    });
  } finally {
    progress.end();
  }
  if (json) await writeJson({ test, of, ...result });
  else await new TextOutput().write(`# ${test}: ${of}\n${table(result)}\n`);
}
