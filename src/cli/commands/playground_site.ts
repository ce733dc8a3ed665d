import { cp, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Gpt2Error } from '../../base/errors.js';
import { removeLeftovers, unfinishedName } from '../../files/folder/leftovers.js';
import { makeFolder } from '../../files/folder/make_folder.js';
import { orNotWritable } from '../../files/folder/write_file.js';

/** From src/cli/ and from build/esm/ the same relative address leads to the package. */
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = join(PACKAGE, 'build', 'playground');

/**
 * The playground as a site: the path of each of its files in it, and the file in the package. The page lies at the
 * site's root; what it loads has the same path there as in the package.
 */
export async function siteFiles(): Promise<ReadonlyMap<string, string>> {
  const paths: string[] = JSON.parse(await readFile(join(PAGE, 'files.json'), 'utf8'));
  const places = paths.map((path) => [path, join(path.includes('/') ? PACKAGE : PAGE, path)] as const);
  return new Map([...places, ['files.json', join(PAGE, 'files.json')]]);
}

/**
 * Writes the site to a new folder, which is there once it is whole. Throws `invalid-option` where something is there
 * already, and `not-found` where nothing can be written.
 */
export async function writeSite(folder: string): Promise<void> {
  if (await stat(folder).catch(() => undefined)) {
    throw new Gpt2Error('invalid-option', `${folder} is there already; give the path of a new folder`);
  }
  await removeLeftovers(folder);
  const unfinished = unfinishedName(folder);
  try {
    await orNotWritable(folder, async () => {
      for (const [path, file] of await siteFiles()) {
        const place = join(unfinished, path);
        await makeFolder(dirname(place));
        await cp(file, place);
      }
      await rename(unfinished, folder);
    });
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}
