import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { npm } from '../../support/npm.js';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** The lock file of the installed packages. */
const INSTALLED = here('node_modules/.lock-of-clients.json');

/** npm's words for a registry that cannot be reached. */
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ENOTCACHED/;

/** Installs the packages of this folder, unless they are there. Returns why it cannot on a machine without a network. */
export function installClients(): string | undefined {
  const lock = readFileSync(here('package-lock.json'), 'utf8');
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === lock) return undefined;
  try {
    npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], here('.'));
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    const reason = OFFLINE.exec(stderr ?? '');
    if (reason === null) throw error;
    return `their packages are not installed, and npm cannot: ${reason[0]}`;
  }
  writeFileSync(INSTALLED, lock);
  return undefined;
}

/** A module of those packages, without types: these are not there before the packages are. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export const load = (name: string): Promise<any> => import(name);
