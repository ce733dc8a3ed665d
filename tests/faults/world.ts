import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoopbackHub } from '../files/hub/loopback_hub.js';
import { writeFiles } from '../support/in_folder.js';
import { SMALL_CONFIG, shardedFiles } from '../support/small_model.js';

/** Repository of the hub in a world. */
export const REPO = 'some-owner/small';

/** A temporary folder with inputs of commands, and a hub on this machine. */
export interface World {
  readonly folder: string;
  readonly hub: LoopbackHub;
  /** The path of an input. */
  at(name: string): string;
  /** A new folder for a command to run in, with what a scenario wants to be there. */
  newCase(before?: string): string;
  /** Removes the folders of all cases. */
  removeCases(): void;
  remove(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-faults-'));
  const at = (name: string) => join(folder, 'inputs', name);
  const model = await shardedFiles();
  writeFiles(at('model'), model);
  writeFiles(at('other'), await shardedFiles(5));
  writeFiles(at('.'), {
    'text.txt': 'The fox sat by the river. '.repeat(40),
    'config.json': JSON.stringify(configJson()),
    'requests.jsonl': Array.from({ length: 12 }, (_, i) => request(i)).join('\n'),
  });
  const hub = await LoopbackHub.start({ [REPO]: { files: model } });
  let cases = 0;
  return {
    ...{ folder, hub, at },
    newCase(before) {
      const path = join(folder, 'cases', String(++cases));
      mkdirSync(path, { recursive: true });
      if (before !== undefined) cpSync(before, path, { recursive: true, verbatimSymlinks: true });
      return path;
    },
    removeCases: () => rmSync(join(folder, 'cases'), { recursive: true, force: true }),
    async remove() {
      await hub.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function request(index: number): string {
  const body = { prompt: `Once ${index}`, max_tokens: 8 };
  return JSON.stringify({ custom_id: `r${index}`, method: 'POST', url: '/v1/completions', body });
}

function configJson(): object {
  const { contextLength, channels, heads, layers } = SMALL_CONFIG;
  return { model_type: 'gpt2', n_positions: contextLength, n_embd: channels, n_head: heads, n_layer: layers };
}
