import type { Command } from 'commander';
import { invalidOption } from '../../base/check_options.js';
import { humanBytes } from '../../base/human_bytes.js';
import { openCheckpoint, weightFiles } from '../../checkpoints/open_checkpoint.js';
import { wantedFiles } from '../../checkpoints/registry.js';
import { hubSource } from '../../files/hub/hub_source.js';
import { parseHubId } from '../../files/hub/hub_url.js';
import type { DownloadProgress } from '../../files/source.js';
import { tokenizerOrReason } from '../../model/tokenizer_or_reason.js';
import { addFlags } from '../options/flag.js';
import { REVISION_FLAGS } from '../options/model_flags.js';
import { jsonFlag, QUIET } from '../options/output_flags.js';
import { helpOption } from '../terminal/help_format.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

const DETAILS = `
Files are stored in the cache that all tools of the hub share: HF_HUB_CACHE, or
hub/ in HF_HOME, which is ~/.cache/huggingface by default. The next pull resumes
an interrupted download. HF_TOKEN gives access to private and gated models.
HF_ENDPOINT is the address of another hub.

Examples:
  gpt2-wasm pull openai-community/gpt2
  gpt2-wasm pull --revision v1.0 owner/name
  gpt2-wasm pull owner/name:gpt2.Q8_0.gguf`;

interface Values {
  readonly revision?: string;
  readonly json?: true;
  readonly quiet?: true;
}

export function addPull(program: Command): void {
  const command = program
    .command('pull')
    .summary('download a model from the Hugging Face hub')
    .description('Download the files of a model from the Hugging Face hub, and print their folder.')
    .argument('<id>', 'owner/name, or owner/name:file.gguf');
  addFlags(command, { ...REVISION_FLAGS, json: jsonFlag(), quiet: QUIET });
  command.addHelpOption(helpOption()).addHelpText('after', DETAILS).action(pull);
}

async function pull(text: string, { revision, json, quiet }: Values): Promise<void> {
  const wanted = wantedFiles('model');
  const id = parseHubId(text);
  if (id === undefined) throw invalidOption('the id', text, 'owner/name or owner/name:file.gguf');
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const report = reportProgress(process.stderr, 'downloading', { quiet });
  let state: DownloadProgress | undefined;
  try {
    const source = await hubSource(id, { revision, signal, wanted });
    // The config, headers and tokenizer show whether the model can run, before its weights are downloaded.
    const checkpoint = await openCheckpoint(source, signal);
    await tokenizerOrReason(checkpoint, signal);
    await source.download?.(weightFiles(checkpoint), {
      signal,
      onDownload: (progress) => {
        state = progress;
        report.update(progress);
      },
    });
    report.end();
    const { total = checkpoint.totalBytes, cached = total } = state ?? {};
    const { path, commit } = source;
    if (!quiet) note(`${humanBytes(total)} of weights, ${humanBytes(cached)} of them were in the cache`);
    if (json) await writeJson({ model: text, commit, path, weightBytes: total, cachedBytes: cached });
    else await new TextOutput().write(`${path}\n`);
  } catch (error) {
    report.end();
    interrupt.report(error, 'interrupted; the next pull resumes the download');
  }
}
