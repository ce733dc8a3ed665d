import type { Command } from 'commander';
import { Gpt2Error } from '../../base/errors.js';
import { humanBytes } from '../../base/human_bytes.js';
import { cachedModels, deleteCachedModel } from '../../files/hub/cached_models.js';
import { cacheFolder } from '../../files/hub/environment.js';
import { addFlags } from '../options/flag.js';
import { jsonFlag } from '../options/output_flags.js';
import { confirm } from '../terminal/confirm.js';
import { EXIT_CODES, helpOption } from '../terminal/help_format.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';

const DETAILS = `
All tools of the hub share one cache: the list has models of other architectures
too, and "models delete" deletes a model for every tool.

Examples:
  gpt2-wasm models
  gpt2-wasm models delete openai-community/gpt2`;

export function addModels(program: Command): void {
  const models = program
    .command('models')
    .summary('list or delete downloaded models')
    .description('List the models of the Hugging Face hub that are on this machine.')
    .helpCommand(false);
  addFlags(models, { json: jsonFlag() });
  models.addHelpOption(helpOption()).addHelpText('after', DETAILS).action(list);
  const deletion = models
    .command('delete')
    .summary('delete a downloaded model')
    .description('Delete a downloaded model with all its revisions.')
    .argument('<id>', 'owner/name, as listed by "gpt2-wasm models"');
  addFlags(deletion, { yes: { help: 'delete without asking' } });
  deletion
    .addHelpOption(helpOption())
    .addHelpText('after', EXIT_CODES)
    .action((id: string, { yes }: { yes?: true }, command: Command) => remove(id, yes, command));
}

async function list({ json }: { json?: true }): Promise<void> {
  const cache = cacheFolder();
  const models = await cachedModels(cache);
  if (json) {
    const described = models.map(({ id, byteLength, revisions, path }) => ({
      id,
      bytes: byteLength,
      revisions,
      path,
    }));
    await writeJson({ cache, models: described });
    return;
  }
  if (models.length === 0) note(`no models in ${cache}`);
  const rows = models.map(({ id, byteLength, path }) => [humanBytes(byteLength), id, path] as const);
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const lines = rows.map(
    ([size, id, path]) => `${size.padStart(width(0))}  ${id.padEnd(width(1))}  ${path}\n`,
  );
  await new TextOutput().write(lines.join(''));
}

async function remove(id: string, yes: true | undefined, command: Command): Promise<void> {
  const cache = cacheFolder();
  const model = (await cachedModels(cache)).find((cached) => cached.id === id);
  if (model === undefined) throw new Gpt2Error('not-found', `there is no model ${id} in ${cache}`);
  if (!yes && !process.stdin.isTTY)
    command.error('error: stdin is not a terminal to ask on; give --yes to delete');
  const { byteLength, path } = model;
  if (!yes && !(await confirm(`Delete ${id}, ${humanBytes(byteLength)} in ${path}?`))) {
    note('nothing was deleted');
    return;
  }
  await deleteCachedModel(model);
  note(`deleted ${id}, ${humanBytes(byteLength)}`);
}
