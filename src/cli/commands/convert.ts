import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { humanBytes } from '../../base/human_bytes.js';
import { GGUF_WEIGHTS, type GgufFile, type GgufWeights } from '../../checkpoints/gguf/write.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import { convertModel } from '../../model/convert_model.js';
import { addFlags, type Flag } from '../options/flag.js';
import { ADAPTER_FLAGS, MODEL, REVISION_FLAGS } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { checkNewFile, writeNewFile } from '../outputs/new_file.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

const DETAILS = `
The model may have weights in any format that gpt2-wasm reads. The new file
appears once it is complete. A model that llama.cpp would compute differently is
refused; parts of a tokenizer that llama.cpp ignores are reported on stderr.

Examples:
  gpt2-wasm convert ./gpt2 gpt2.Q8_0.gguf --weights q8
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
    help: ['weights in the file', ...GGUF_WEIGHTS.map((name) => `${name}: ${IN_WORDS[name]}`)].join('; '),
    isRequired: true,
  },
  ...REVISION_FLAGS,
  ...ADAPTER_FLAGS,
  force: { help: 'overwrite the file if it exists' },
  json: jsonFlag(),
  quiet: QUIET,
};

interface Values {
  readonly revision?: string;
  readonly adapter?: readonly AdapterChoice[];
  readonly weights: GgufWeights;
  readonly force?: true;
  readonly json?: true;
  readonly quiet?: true;
}

export function addConvert(program: Command): void {
  const command = program
    .command('convert')
    .summary('write a model as a GGUF file')
    .description('Write a model as a GGUF file that llama.cpp loads too.')
    .argument('<src>', MODEL)
    .argument('<dst>', 'new file; its name must end in .gguf');
  addFlags(command, FLAGS);
  command
    .addHelpOption(helpOption())
    .addHelpText('after', DETAILS)
    .action((src: string, dst: string) => convert(command, src, dst));
}

async function convert(command: Command, src: string, dst: string): Promise<void> {
  const { revision, adapter, weights, force = false, json, quiet } = command.opts<Values>();
  if (!/\.gguf$/i.test(dst)) command.error(`error: ${dst} must end in .gguf, or no program will read it`);
  await checkNewFile(dst, force);
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
