import { type Command, Option } from 'commander';
import { invalidOption } from '../../base/check_options.js';
import { humanBytes } from '../../base/human_bytes.js';
import { openCheckpoint, weightFiles } from '../../checkpoints/open_checkpoint.js';
import { hubSource } from '../../files/hub/hub_source.js';
import { parseHubId } from '../../files/hub/hub_url.js';
import type { DownloadProgress } from '../../files/source.js';
import { tokenizerOrReason } from '../../model/load_model.js';
import { revisionOption } from '../options/model_flags.js';
import { helpOption } from '../terminal/help.js';
import { Interrupt } from '../terminal/interrupt.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';
import { reportProgress } from '../terminal/progress/file_progress.js';

const DETAILS = `
The files go where all tools of the hub keep them: HF_HUB_CACHE, or hub/ in
HF_HOME, which is ~/.cache/huggingface. An interrupted download goes on where it
was. HF_TOKEN gives access to private and gated models; HF_ENDPOINT names
another hub.

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
  program
    .command('pull')
    .summary('download a model of the Hugging Face hub')
    .description('Download what a model needs from the Hugging Face hub, and print where it is.')
    .argument('<id>', 'owner/name, or owner/name:file.gguf')
    .addOption(revisionOption())
    .addOption(new Option('--json', 'print one JSON object'))
    .addOption(new Option('--quiet', 'no progress, only errors'))
    .addHelpOption(helpOption())
    .addHelpText('after', DETAILS)
    .action(pull);
}

async function pull(text: string, { revision, json, quiet }: Values): Promise<void> {
  const id = parseHubId(text);
  if (id === undefined) throw invalidOption('the id', text, 'owner/name or owner/name:file.gguf');
  const interrupt = new Interrupt();
  const { signal } = interrupt;
  const report = quiet ? undefined : reportProgress(process.stderr, 'downloading');
  let state: DownloadProgress | undefined;
  try {
    const source = await hubSource(id, { revision, signal });
    // A model that cannot run is refused by its config and headers, before its weights come.
    const checkpoint = await openCheckpoint(source, signal);
    await tokenizerOrReason(checkpoint, signal);
    await source.download?.(weightFiles(checkpoint), {
      signal,
      onDownload: (progress) => {
        state = progress;
        report?.update(progress);
      },
    });
    report?.end();
    const { total = checkpoint.totalBytes, cached = total } = state ?? {};
    const { path, commit } = source;
    if (!quiet) note(`${humanBytes(total)} of weights, ${humanBytes(cached)} of them were in the cache`);
    if (json) await writeJson({ model: text, commit, path, weightBytes: total, cachedBytes: cached });
    else await new TextOutput().write(`${path}\n`);
  } catch (error) {
    if (interrupt.exitCode === undefined) throw error;
    note('interrupted; what came is kept, and the next pull goes on from there');
    process.exitCode = interrupt.exitCode;
  } finally {
    report?.end();
  }
}
