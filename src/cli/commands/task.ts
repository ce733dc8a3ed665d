import type { Command } from 'commander';
import { Gpt2Error } from '../../base/errors.js';
import { readTask } from '../../examine/few_shot/read_task.js';
import { calibratedResult } from '../../examine/few_shot/results.js';
import type { Model } from '../../model/model.js';
import type { WorkProgress } from '../../model/remote_models.js';
import { taskTable } from '../few_shot/table.js';
import { loadForCommand } from '../inputs/load_model.js';
import { readBytes } from '../inputs/read_bytes.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { addModelFlags, type ModelValues } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

const BASICS = 'Model and output:';
const TASK = 'Task:';

const DETAILS = `
FILE holds an object in JSON or YAML:
  instruction  text before the examples
  examples     list of { "input", "label" }, which the prompt shows
  choices      list of labels, or an object of labels and the texts for them
  query        how an example is written: "Input: {input}\\nLabel: {label}"
  separator    text between the examples: "\\n\\n"
  shots, seed  how many examples are shown, and the seed of their order
  test         list of { "input", "label" } whose labels the model must find
  contentFree  inputs of the calibration: ["N/A", "", "[MASK]"]

The accuracy is printed for the model's own probabilities, and for those after
contextual calibration (Zhao et al. 2021), each with a confusion table. Compare
it with the share of the most frequent label. The model in the package writes
stories for children: with it, results show the method only.

Examples:
  gpt2-wasm task reviews.json --model ./gpt2
  gpt2-wasm task reviews.json --model ./gpt2 --shots 0
  gpt2-wasm task reviews.json --model ./gpt2 --input "A waste of time."`;

const TASK_FLAGS: Readonly<Record<string, Flag>> = {
  shots: { value: 'count', help: 'show the first COUNT examples', standard: 'as the file says, or all' },
  seed: {
    value: 'number',
    help: 'seed of the order of examples',
    standard: 'as the file says, or their order',
  },
  input: { value: 'text', parse: asText, help: 'classify TEXT in place of the inputs to test' },
};

interface Values extends ModelValues {
  readonly shots?: number;
  readonly seed?: number;
  readonly input?: string;
  readonly json?: true;
}

export function addTask(program: Command): void {
  const command = program
    .command('task')
    .summary('classify texts with examples in the prompt')
    .description('Classify texts with a GPT-2 model by an instruction and examples in its prompt.')
    .argument('<file>', 'the task, or - for stdin');
  addFlags(command, TASK_FLAGS, TASK);
  addModelFlags(command, BASICS);
  addFlags(command, { json: jsonFlag('one JSON object'), quiet: QUIET }, BASICS);
  command
    .addHelpOption(helpOption().helpGroup(BASICS))
    .addHelpText('after', DETAILS)
    .action((path: string, values: Values) => runTask(path, values));
}

async function runTask(path: string, values: Values): Promise<void> {
  const { shots, seed, input, quiet } = values;
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const progress = reportProgress(process.stderr, 'classifying', values);
  let model: Model | undefined;
  try {
    const file = await readBytes(path, signal);
    const { task, test, contentFree } = await readTask(file, path === '-' ? 'stdin' : path, { shots, seed });
    if (test.length === 0 && input === undefined) {
      throw new Gpt2Error(
        'invalid-file',
        `${path} has no test; add a list of { "input", "label" }, or use --input`,
      );
    }
    if (values.model === undefined && !quiet) {
      note('the model in the package writes stories for children; its results show the method only');
    }
    model = await loadForCommand(values, signal);
    const calibration = await task.calibrate(model, { contentFree, signal });
    if (input !== undefined) {
      const plain = await task.classify(model, input, { signal });
      const calibrated = await task.classify(model, input, { signal, calibration });
      if (values.json) await writeJson({ plain, calibrated, calibration });
      else await new TextOutput().write(`${calibrated.label}\n`);
      return;
    }
    const onProgress = ({ done, total }: WorkProgress) =>
      progress.update({ loaded: done, total, file: path });
    const plain = await task.accuracy(model, test, { signal, onProgress });
    progress.end();
    const calibrated = calibratedResult(plain, test, calibration);
    if (values.json) await writeJson({ plain, calibrated, calibration });
    else {
      const tables = [taskTable('plain', plain), taskTable('calibrated', calibrated)];
      await new TextOutput().write(tables.join('\n'));
    }
  } catch (error) {
    progress.end();
    interrupt.report(error, 'interrupted');
  } finally {
    model?.dispose();
  }
}
