import { createInterface } from 'node:readline';
import { type Command, Option } from 'commander';
import { Gpt2Error } from '../../base/errors.js';
import { humanBytes } from '../../base/human_bytes.js';
import { type CachedModel, cachedModels, deleteCachedModel } from '../../files/hub/cached_models.js';
import { cacheFolder } from '../../files/hub/environment.js';
import { EXIT_CODES, helpOption } from '../terminal/help.js';
import { note, TextOutput, writeJson } from '../terminal/output.js';

const DETAILS = `
The cache is that of all tools of the hub: models of other architectures are
listed too, and a deleted one is gone for every tool.

Examples:
  gpt2-wasm models
  gpt2-wasm models delete openai-community/gpt2`;

export function addModels(program: Command): void {
  const models = program
    .command('models')
    .summary('list or delete downloaded models')
    .description('List the models of the Hugging Face hub that are on this machine.')
    .addOption(new Option('--json', 'print one JSON object'))
    .addHelpOption(helpOption())
    .helpCommand(false)
    .addHelpText('after', DETAILS)
    .action(list);
  models
    .command('delete')
    .summary('delete a model')
    .description('Delete a downloaded model with all its revisions.')
    .argument('<id>', 'owner/name, as the list has it')
    .addOption(new Option('--yes', 'do not ask'))
    .addHelpOption(helpOption())
    .addHelpText('after', EXIT_CODES)
    .action((id: string, { yes }: { yes?: true }, command: Command) => remove(id, yes, command));
}

async function list({ json }: { json?: true }): Promise<void> {
  const cache = await cacheFolder();
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
  const cache = await cacheFolder();
  const model = (await cachedModels(cache)).find((cached) => cached.id === id);
  if (model === undefined) throw new Gpt2Error('not-found', `there is no model ${id} in ${cache}`);
  if (!yes && !process.stdin.isTTY) command.error('error: nobody can be asked here; give --yes to delete');
  if (!yes && !(await confirm(model))) {
    note('nothing was deleted');
    return;
  }
  await deleteCachedModel(model);
  note(`deleted ${id}, ${humanBytes(model.byteLength)}`);
}

async function confirm({ id, byteLength, path }: CachedModel): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.setPrompt(`Delete ${id}, ${humanBytes(byteLength)} in ${path}? [y/N] `);
  terminal.on('SIGINT', () => {
    process.exitCode = 130;
    terminal.close();
  });
  terminal.prompt();
  try {
    for await (const answer of terminal) return /^y(es)?$/i.test(answer.trim());
    return false;
  } finally {
    terminal.close();
  }
}
