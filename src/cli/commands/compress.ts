import type { Command } from 'commander';
import { humanBytes, threeDigits } from '../../base/human_bytes.js';
import { compress, decompress } from '../../examine/compression/compress.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import { loadForCommand } from '../inputs/load_model.js';
import { readBytes } from '../inputs/read_bytes.js';
import { addFlags, asText, type Flag } from '../options/flag.js';
import {
  ADAPTER_FLAGS,
  MEMORY_FLAGS,
  type ModelValues,
  SOURCE_FLAGS,
  THREADS_FLAG,
} from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { checkNewFile, writeNewFile } from '../outputs/new_file.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, writeBytes, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

/** The end of names of compressed files. */
const ENDING = '.g2wz';

const COMPRESS_DETAILS = `
Texts like those that the model was trained on become small; any bytes can be
compressed. The new file opens with the same model, context, weights and keys
and values on every machine, with any number of threads. It appears once it is
complete. The path - means stdin; the result then goes to stdout without --out.

Examples:
  gpt2-wasm compress story.txt
  gpt2-wasm compress story.txt -o story.small --force
  gpt2-wasm compress --model ./gpt2 --weights q8 alice.txt
  cat story.txt | gpt2-wasm compress - > story.g2wz`;

const DECOMPRESS_DETAILS = `
The model and its flags must be those of "gpt2-wasm compress"; if they are not,
the error says what differs. Decompressing takes as long as generating the text.
The path - means stdin; the result then goes to stdout without --out.

Examples:
  gpt2-wasm decompress story.txt.g2wz
  gpt2-wasm decompress story.txt.g2wz -o again.txt
  gpt2-wasm decompress story.txt.g2wz -o - | wc`;

interface Values extends ModelValues {
  readonly out?: string;
  readonly force?: true;
  readonly json?: true;
}

/** One of the two directions. */
interface Direction {
  /** Name of the work: "compressing". */
  readonly verb: string;
  run(model: Model, bytes: Uint8Array, work: Work): Promise<Uint8Array>;
  /** The file of the result for a file; undefined if its name does not say. */
  output(path: string): string | undefined;
  /** The sizes of the content and of its compressed form. */
  sizes(before: number, after: number): { readonly bytes: number; readonly compressed: number };
}

const COMPRESSING: Direction = {
  verb: 'compressing',
  run: compress,
  output: (path) => `${path}${ENDING}`,
  sizes: (bytes, compressed) => ({ bytes, compressed }),
};

const DECOMPRESSING: Direction = {
  verb: 'decompressing',
  run: decompress,
  output: (path) => (path.endsWith(ENDING) ? path.slice(0, -ENDING.length) : undefined),
  sizes: (compressed, bytes) => ({ bytes, compressed }),
};

export function addCompress(program: Command): void {
  const command = program
    .command('compress')
    .summary('compress a file with a model')
    .description('Compress a file with the probabilities of a GPT-2 model.')
    .argument('<file>', 'any file, best of text that the model predicts well; or - for stdin');
  addCommon(command, `FILE${ENDING}`, COMPRESS_DETAILS, COMPRESSING);
}

export function addDecompress(program: Command): void {
  const command = program
    .command('decompress')
    .summary('restore a file that compress wrote')
    .description('Restore a file that "gpt2-wasm compress" wrote.')
    .argument('<file>', `compressed file, or - for stdin`);
  addCommon(command, `the name of the file without ${ENDING}`, DECOMPRESS_DETAILS, DECOMPRESSING);
}

function addCommon(command: Command, standard: string, details: string, direction: Direction): void {
  const out: Flag = { short: 'o', value: 'file', parse: asText, help: 'new file; - means stdout', standard };
  addFlags(command, {
    out,
    force: { help: 'overwrite the file if it exists' },
    ...SOURCE_FLAGS,
    ...ADAPTER_FLAGS,
    ...MEMORY_FLAGS,
    threads: THREADS_FLAG,
    json: jsonFlag('one JSON object with the sizes'),
    quiet: QUIET,
  });
  command
    .addHelpOption(helpOption())
    .addHelpText('after', details)
    .action((path: string, values: Values) => run(command, path, values, direction));
}

async function run(command: Command, path: string, values: Values, direction: Direction): Promise<void> {
  const out = values.out ?? (path === '-' ? '-' : direction.output(path));
  if (out === undefined) {
    command.error(`error: ${path} does not end in ${ENDING}; name the new file with --out`);
  }
  if (out === '-' && values.json) command.error('error: --json needs --out: stdout has the new file');
  if (out === '-' && direction === COMPRESSING && process.stdout.isTTY) {
    command.error('error: compressed bytes are not for a terminal; name the new file with --out');
  }
  if (out !== '-') await checkNewFile(out, values.force ?? false);
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const progress = reportProgress(process.stderr, direction.verb, values);
  let model: Model | undefined;
  try {
    const before = await readBytes(path, signal);
    model = await loadForCommand({ ...values, build: 'simd' }, signal);
    const file = path === '-' ? 'stdin' : path;
    const after = await direction.run(model, before, {
      signal,
      onProgress: ({ done, total }) => progress.update({ loaded: done, total: Math.max(1, total), file }),
    });
    progress.end();
    if (out === '-') await writeBytes(after);
    else await writeNewFile(out, () => chunks(after), values.force ?? false);
    await report(path, out, direction.sizes(before.length, after.length), values);
  } catch (error) {
    progress.end();
    interrupt.report(error, out === '-' ? 'interrupted' : `interrupted; ${out} was not written`);
  } finally {
    model?.dispose();
  }
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function report(
  file: string,
  out: string,
  { bytes, compressed }: ReturnType<Direction['sizes']>,
  { json, quiet }: Values,
): Promise<void> {
  const bitsPerByte = bytes === 0 ? undefined : (8 * compressed) / bytes;
  if (json) await writeJson({ file, out, bytes, compressed, bitsPerByte });
  const rate = bitsPerByte === undefined ? '' : `, ${threeDigits(bitsPerByte)} bits a byte`;
  const name = out === '-' ? 'stdout' : out;
  if (!quiet) note(`${name}: ${humanBytes(bytes)}, compressed ${humanBytes(compressed)}${rate}`);
}
