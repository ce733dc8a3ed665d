// Only in the build for runtimes with Node's modules.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingStateStore } from '../training_state_store.js';
import { folderSource } from './folder_source.js';
import { folderTarget } from './folder_target.js';
import { leftoverOf } from './leftovers.js';
import { orNotWritable } from './write_file.js';

const STATE_NAME = /^step-(\d{10})$/;

/** Training states in a folder: each is a subfolder, which a rename makes appear as a whole. */
export function trainingStateFolder(path: string): TrainingStateStore {
  const folderOf = (step: number) => `step-${String(step).padStart(10, '0')}`;
  const names = async (): Promise<string[]> => (await readdir(path).catch(() => [])).sort();
  return {
    async latest() {
      const newest = (await names()).filter((name) => STATE_NAME.test(name)).at(-1);
      return newest === undefined ? undefined : folderSource(join(path, newest));
    },
    target: (step) => folderTarget(join(path, folderOf(step))),
    prune: (step) =>
      orNotWritable(path, async () => {
        const kept = step === undefined ? undefined : folderOf(step);
        for (const name of await names()) {
          // A killed process may have left an unfinished state.
          const isOurs = STATE_NAME.test(leftoverOf(name) ?? name);
          if (isOurs && name !== kept) await rm(join(path, name), { recursive: true, force: true });
        }
        if (step === undefined && (await names()).length === 0)
          await rm(path, { recursive: true, force: true });
      }),
  };
}
