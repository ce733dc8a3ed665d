import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.js';

/** npm's words for a registry that cannot be reached. */
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ENOTCACHED/;

/**
 * Installs the packages of a folder with a package.json, unless they are there. Returns why it cannot on a machine without
 * a network.
 */
export function installPackages(folder: string): string | undefined {
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  /** The lock file of the installed packages. */
  const installed = join(folder, 'node_modules/.installed-lock.json');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return undefined;
  try {
    npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], folder);
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    const reason = OFFLINE.exec(stderr ?? '');
    if (reason === null) throw error;
    return `their packages are not installed, and npm cannot: ${reason[0]}`;
  }
  writeFileSync(installed, lock);
  return undefined;
}
