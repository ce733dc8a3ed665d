import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { humanBytes } from '../../base/human_bytes.js';
import { GGUF_WEIGHTS, type GgufFile, type GgufWeights } from '../../checkpoints/gguf/write.js';
import { folderTarget } from '../../files/folder/folder_target.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import { convertModel } from '../../model/convert_model.js';
import { convertToFolder, type WrittenFolder } from '../../model/convert_to_folder.js';
import { addFlags, type Flag } from '../options/flag.js';
import { ADAPTER_FLAGS, MODEL, REVISION_FLAGS } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { checkNewFile, writeNewFile } from '../outputs/new_file.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';
import { checkOutFolder } from '../training/out_folder.js';

const DETAILS = `
The model may be in any format that gpt2-wasm reads. A name that ends in .gguf
gives a GGUF file, which llama.cpp loads too; any other a folder as transformers
writes it, with weights in 32-bit floats. Both appear once they are complete. A
model that llama.cpp would compute differently is not written as GGUF; parts of
a tokenizer that llama.cpp ignores are reported on stderr.

Examples:
  gpt2-wasm convert ./gpt2 gpt2.Q8_0.gguf --weights q8
  gpt2-wasm convert ckpt.pt my-model
  gpt2-wasm convert models/124M gpt2-folder
  gpt2-wasm convert gpt2.Q8_0.gguf gpt2.Q4_0.gguf --weights q4 --force
  gpt2-wasm convert ./gpt2 poet.gguf --weights q8 --adapter poems
  gpt2-wasm generate --model gpt2.Q8_0.gguf --weights q8 "The cat"`;

const IN_WORDS: Readonly<Record<GgufWeights, string>> = {
  f16: '16-bit floats',
  q8: '8 bits (Q8_0)',
  q4: '4 bits (Q4_0)',
};

const FLAGS: Readonly<Record<string, Flag>> = {
  weights: {
    value: 'format',
    choices: GGUF_WEIGHTS,
    help: ['weights', ...GGUF_WEIGHTS.map((name) => `${name}: ${IN_WORDS[name]}`)].join('; '),
    standard: 'none for a .gguf file, which needs the flag; 32-bit floats in a folder, which takes none',
  },
  ...REVISION_FLAGS,
  ...ADAPTER_FLAGS,
  force: { help: 'overwrite the file, or the model in the folder, if it exists' },
  json: jsonFlag(),
  quiet: QUIET,
};

interface Values {
  readonly revision?: string;
  readonly adapter?: readonly AdapterChoice[];
  readonly weights?: GgufWeights;
  readonly force?: true;
  readonly json?: true;
  readonly quiet?: true;
}

export function addConvert(program: Command): void {
  const command = program
    .command('convert')
    .summary('write a model as a GGUF file or a folder of transformers')
    .description('Write a model as a GGUF file, or as a folder that transformers loads.')
    .argument('<src>', MODEL)
    .argument('<dst>', 'new file whose name ends in .gguf, or folder');
  addFlags(command, FLAGS);
  command
    .addHelpOption(helpOption())
    .addHelpText('after', DETAILS)
    .action((src: string, dst: string) => convert(command, src, dst));
}

/** Extensions of files that are not written: a folder of such a name would be a mistake. */
const OTHER_FILE = /\.(?:bin|safetensors|pt|pth|ckpt|index|h5|msgpack|onnx|ggml|json)$/i;

async function convert(command: Command, src: string, dst: string): Promise<void> {
  const { weights, force = false } = command.opts<Values>();
  const isFile = /\.gguf$/i.test(dst);
  if (OTHER_FILE.test(dst)) command.error(`error: ${dst} must end in .gguf, or be the name of a folder`);
  if (isFile && weights === undefined) command.error('error: a .gguf file needs --weights f16, q8 or q4');
  if (!isFile && weights !== undefined) {
    command.error(`error: --weights is for .gguf files; the folder ${dst} has weights in 32-bit floats`);
  }
  if (isFile) await checkNewFile(dst, force);
  else await checkOutFolder(dst, force);
  await (weights === undefined ? toFolder(command, src, dst) : toFile(command, src, dst, weights));
}

async function toFile(command: Command, src: string, dst: string, weights: GgufWeights): Promise<void> {
  const { revision, adapter, force = false, json, quiet } = command.opts<Values>();
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  // `owner/name:file.gguf` is named after the file.
  const name = basename(resolve(src)).replace(/^.*:|\.gguf$/gi, '');
  const download = reportProgress(process.stderr, 'downloading', { quiet });
  let file: GgufFile;
  try {
    file = await convertModel(src, {
      ...{ weights, name, revision, signal },
      ...(adapter && { adapters: adapter }),
      onDownload: (state) => download.update(state),
    });
    download.end();
    for (const warning of file.warnings) note(`warning: ${warning}`);
    await write(file, dst, force, signal, quiet);
  } catch (error) {
    download.end();
    return interrupt.report(error, `interrupted; ${dst} was not written`);
  }
  const { byteLength, warnings } = file;
  if (json) await writeJson({ model: src, file: dst, weights, byteLength, warnings });
  if (!quiet) note(`${dst}: ${humanBytes(byteLength)}, ${weights} weights`);
}

async function toFolder(command: Command, src: string, dst: string): Promise<void> {
  const { revision, adapter, json, quiet } = command.opts<Values>();
  const interrupt = new Interrupt();
  const download = reportProgress(process.stderr, 'downloading', { quiet });
  const progress = reportProgress(process.stderr, 'converting', { quiet });
  let written: WrittenFolder;
  try {
    written = await convertToFolder(src, folderTarget(dst), {
      ...{ revision, adapters: adapter, signal: interrupt.signal },
      onDownload: (state) => download.update(state),
      onProgress: (state) => progress.update(state),
    });
  } catch (error) {
    return interrupt.report(error, `interrupted; ${dst} was not written`);
  } finally {
    download.end();
    progress.end();
  }
  const { byteLength, warnings } = written;
  for (const warning of warnings) note(`warning: ${warning}`);
  if (json) await writeJson({ model: src, folder: dst, byteLength, warnings });
  if (!quiet) note(`${dst}: ${humanBytes(byteLength)} of weights, f32`);
}

async function write(
  file: GgufFile,
  path: string,
  force: boolean,
  signal: AbortSignal,
  quiet: true | undefined,
): Promise<void> {
  const progress = reportProgress(process.stderr, 'converting', { quiet });
  try {
    const bytes = () => file.bytes({ signal, onProgress: (state) => progress.update(state) });
    await writeNewFile(path, bytes, force);
  } finally {
    progress.end();
  }
}
