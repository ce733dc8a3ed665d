import { cp, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Gpt2Error } from '../../base/errors.js';
import { makeFolder } from '../../files/folder/make_folder.js';
import { orNotWritable } from '../../files/folder/write_file.js';
import { packageFile } from '../../host/package_files.js';
import { writeWhole } from '../outputs/whole.js';

/** Folder of the package that holds the page itself: everything in it moves to the root of the site. */
const PAGE = 'build/playground';
/** List of all files of the site, by their paths in the site. */
const LIST = 'files.json';

/**
 * Files of the playground: the path of each in the site, and its path on this machine. Files of the page lie
 * at the root of the site; scripts, WebAssembly and models have the same path in the site as in the package.
 */
export async function siteFiles(): Promise<ReadonlyMap<string, string>> {
  const list = fileURLToPath(packageFile(`${PAGE}/${LIST}`));
  const paths: string[] = JSON.parse(await readFile(list, 'utf8'));
  const inPackage = (path: string) => packageFile(path.includes('/') ? path : `${PAGE}/${path}`);
  return new Map([...paths.map((path) => [path, fileURLToPath(inPackage(path))] as const), [LIST, list]]);
}

/**
 * Writes the site to a new folder, which appears only once it is complete. Throws `invalid-option` if the
 * path exists, and `not-found` or `storage` if it cannot be written.
 */
export async function writeSite(folder: string): Promise<void> {
  if (await stat(folder).catch(() => undefined)) {
    throw new Gpt2Error('invalid-option', `${folder} exists already; give the path of a new folder`);
  }
  await writeWhole(folder, (unfinished) =>
    orNotWritable(folder, async () => {
      for (const [path, file] of await siteFiles()) {
        const place = join(unfinished, path);
        await makeFolder(dirname(place));
        await cp(file, place);
      }
    }),
  );
}
