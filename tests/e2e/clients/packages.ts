import { fileURLToPath } from 'node:url';
import { installPackages } from '../../support/folder_packages.js';

/** Installs the packages of this folder, as `installPackages` does. */
export const installClients = () => installPackages(fileURLToPath(new URL('.', import.meta.url)));

/** A module of those packages, without types: these are not there before the packages are. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export const load = (name: string): Promise<any> => import(name);
