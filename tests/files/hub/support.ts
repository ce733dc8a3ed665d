import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LoopbackHub, type LoopbackRepo } from './loopback_hub.js';

export const REPO = 'some-owner/tiny.gpt2_v1';

/** Every file of a folder by name. */
export function folderFiles(path: string): Record<string, Uint8Array> {
  return Object.fromEntries(
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [name, readFileSync(join(path, name))]),
  );
}

export const STORIES = fileURLToPath(new URL('../../fixtures/stories-tiny/', import.meta.url));

/** Files that a repository may have and no loader needs. */
export const OTHER_FILES: Record<string, Uint8Array | string> = {
  '.gitattributes': '*.bin filter=lfs',
  'README.md': '# A model',
  'pytorch_model.bin': new Uint8Array(5000).fill(1),
  'onnx/model.onnx': new Uint8Array(5000).fill(2),
  'trainer_state.json': '{}',
};

export interface World {
  readonly hub: LoopbackHub;
  /** `HF_HUB_CACHE` */
  readonly cache: string;
  /** The folder of `REPO` in it. */
  readonly folder: string;
  /** `HF_HOME` */
  readonly home: string;
  /** Environment variables. */
  readonly env: Record<string, string>;
}

const CLEARED = [
  'HF_TOKEN',
  'HF_TOKEN_PATH',
  'HF_HUB_OFFLINE',
  'HUGGINGFACE_HUB_CACHE',
  'HF_HUB_CACHE',
  'HF_HOME',
  'HF_ENDPOINT',
  'XDG_CACHE_HOME',
];

/** Runs `body` with a hub on this machine and an empty cache, both set in environment variables. */
export async function withHub(
  repos: Record<string, LoopbackRepo>,
  body: (world: World) => Promise<void>,
): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'gpt2-wasm-hub-'));
  const hub = await LoopbackHub.start(repos);
  const before = new Map(CLEARED.map((name) => [name, process.env[name]]));
  for (const name of CLEARED) delete process.env[name];
  const env = { HF_ENDPOINT: hub.endpoint, HF_HOME: home };
  Object.assign(process.env, env);
  const cache = join(home, 'hub');
  try {
    await body({ hub, cache, home, env, folder: join(cache, `models--${REPO.replace('/', '--')}`) });
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await hub.stop();
    await rm(home, { recursive: true, force: true });
  }
}

/** Sorted paths of all files and links below a folder; empty if the folder is missing. */
export function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
  } catch {
    return [];
  }
}
