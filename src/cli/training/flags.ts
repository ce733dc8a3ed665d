import { type Command, InvalidArgumentError } from 'commander';
import { DATA_FORMATS } from '../inputs/find_data.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { TRAIN_FLAGS } from '../options/train_flags.js';
import { DISTILLATION_FLAGS, type DistillationValues } from './distillation.js';

/** Flags of both training commands that are not options of `Trainer.create`. */
export interface TrainValues extends DistillationValues {
  readonly out: string;
  readonly resume?: true;
  readonly force?: true;
  readonly sampleEvery?: number;
  readonly prompt?: string;
  readonly skipInvalid?: true;
  /** Path of a JSON file, or true for a table alone. */
  readonly report?: string | true;
  readonly json?: true;
  readonly quiet?: true;
}

const OUT_FLAG: Flag = { value: 'dir', parse: asText, help: 'folder for the trained model' };

const RUN_FLAGS: Readonly<Record<string, Flag>> = {
  resume: { help: 'continue a run that was stopped, or start it if there is none' },
  force: { help: 'overwrite the model or adapter in the folder' },
  sampleEvery: {
    value: 'count',
    help: 'steps after which a sample of text is generated',
    range: '1 or more',
    standard: 'no samples',
  },
  prompt: { value: 'text', parse: asText, help: 'beginning of the samples', standard: 'none' },
  skipInvalid: {
    help: 'skip lines of .jsonl files that are not valid, and list them, instead of ending with the first one',
  },
  report: {
    value: 'file',
    isValueOptional: true,
    parse: parseReport,
    help: 'print what was read, skipped, held out, cut and repeated, and write it to FILE, a .json file',
    standard: 'no report',
  },
  json: jsonFlag('one JSON object for each step, and one at the end'),
  quiet: QUIET,
};

function parseReport(text: string): string {
  if (/\.json$/i.test(text)) return text;
  throw new InvalidArgumentError('It must be a name that ends with .json; put data before --report.');
}

/** Paragraphs of the help of both training commands. */
export const TRAIN_DETAILS = `${DATA_FORMATS} Only the completion is learned,
not its prompt.

At the end of the run, DIR gets the model in the format of Hugging Face and
loss.svg. Until then, its folder checkpoints holds the training state. Ctrl-C
saves the state and ends the run. The same command with --resume continues, also
after a crash, and the result has the same bits as without the interruption.`;

/**
 * Adds the flags of both training commands. `group` is the heading of those of TrainValues; `out` says where a command
 * writes that is given no folder.
 */
export function addTrainFlags(command: Command, group: string, out?: string): void {
  const folder: Flag = { ...OUT_FLAG, ...(out === undefined ? { isRequired: true } : { standard: out }) };
  addFlags(command, { out: folder, ...RUN_FLAGS }, group);
  addFlags(command, TRAIN_FLAGS);
  addFlags(command, DISTILLATION_FLAGS);
}
