import { basename, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { humanBytes } from '../../base/human_bytes.js';
import type { GgufFile, GgufWeights } from '../../checkpoints/gguf/write.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import { convertModel } from '../../model/convert_model.js';
import { adapterOption, revisionOption } from '../options/model_flags.js';
import { checkPlace, writeNewFile } from '../outputs/new_file.js';
import { helpOption } from '../terminal/help.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

const DETAILS = `
SRC is a folder with config.json and safetensors, a .gguf file, or an id on the
Hugging Face hub; its weights may be in any format. The new file appears when it
is whole. What llama.cpp would compute otherwise is refused, what it ignores in
a tokenizer is said on stderr.

Examples:
  gpt2-wasm convert ./gpt2 gpt2.Q8_0.gguf --weights q8
  gpt2-wasm convert gpt2.Q8_0.gguf gpt2.Q4_0.gguf --weights q4 --force
  gpt2-wasm convert ./gpt2 poet.gguf --weights q8 --adapter poems
  gpt2-wasm generate --model gpt2.Q8_0.gguf --weights q8 "The cat"`;

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
    .argument('<src>', 'folder or .gguf file of the model, or id on the Hugging Face hub')
    .argument('<dst>', 'the new file; its name ends in .gguf')
    .addOption(
      new Option('--weights <format>', 'f16: 16-bit floats; q8: 8 bits (Q8_0); q4: 4 bits (Q4_0)')
        .choices(['f16', 'q8', 'q4'])
        .makeOptionMandatory(),
    )
    .addOption(revisionOption())
    .addOption(adapterOption())
    .addOption(new Option('--force', 'replace the file if there is one'))
    .addOption(new Option('--json', 'print one JSON object at the end'))
    .addOption(new Option('--quiet', 'no progress and figures, only warnings and errors'))
    .addHelpOption(helpOption())
    .addHelpText('after', DETAILS);
  command.action((src: string, dst: string) => convert(command, src, dst));
}

async function convert(command: Command, src: string, dst: string): Promise<void> {
  const { revision, adapter, weights, force = false, json, quiet } = command.opts<Values>();
  if (!/\.gguf$/i.test(dst)) command.error(`error: ${dst} must end in .gguf, or no program will read it`);
  await checkPlace(dst, force);
  const interrupt = new Interrupt();
  // Of `owner/name:file.gguf`, the file.
  const name = basename(resolve(src)).replace(/^.*:|\.gguf$/gi, '');
  const { signal } = interrupt;
  const download = quiet ? undefined : reportProgress(process.stderr, 'downloading');
  let file: GgufFile;
  try {
    file = await convertModel(src, {
      ...{ weights, name, revision, signal },
      ...(adapter && { adapters: adapter }),
      onDownload: (state) => download?.update(state),
    });
    download?.end();
    for (const warning of file.warnings) note(`warning: ${warning}`);
    await write(file, dst, force, signal, quiet);
  } catch (error) {
    if (interrupt.exitCode === undefined) throw error;
    note(`interrupted; ${dst} was not written`);
    process.exitCode = interrupt.exitCode;
    return;
  } finally {
    download?.end();
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
  const progress = quiet ? undefined : reportProgress(process.stderr, 'converting');
  try {
    const bytes = () => file.bytes({ signal, onProgress: (state) => progress?.update(state) });
    await writeNewFile(path, bytes, force);
  } finally {
    progress?.end();
  }
}
