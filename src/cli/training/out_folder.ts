import { join } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import { exists } from '../../files/folder/exists.js';
import { folderTarget } from '../../files/folder/folder_target.js';
import { isMixed } from '../../files/folder/replacement.js';

/** Files that tell what a folder holds. */
const HELD: Readonly<Record<string, string>> = {
  'config.json': 'a model',
  'adapter_config.json': 'an adapter',
};

/**
 * Checks, before hours of training, that the result can be written to a folder. Throws `invalid-option` if it
 * is empty, or holds a model or an adapter and `replace` is not set, and `not-found` or `storage` if it cannot be written.
 */
export async function checkOutFolder(out: string, replace: boolean): Promise<void> {
  if (out === '')
    throw new Gpt2Error('invalid-option', 'the path of the folder for the result is empty; give one');
  // Also removes what an earlier run that was ended has left.
  const target = folderTarget(out);
  try {
    await target.write('loss.svg', []);
  } finally {
    await target.discard();
  }
  for (const [file, what] of Object.entries(HELD)) {
    // An earlier run of this command may have been ended while it wrote them.
    if ((await exists(join(out, file))) && !replace && !(await isMixed(out))) {
      throw new Gpt2Error('invalid-option', `${out} has ${what} already; --force overwrites it`);
    }
  }
}
