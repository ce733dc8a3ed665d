import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Gpt2Error } from '../../base/errors.js';
import { fileError, isAbsent } from '../../host/file_error.js';
import type { ServedUsers } from '../../server/users/served_users.js';
import { isUserName, Users, userName } from '../users/users.js';

/** Files of an adapter, of which the first is there in any. */
const FILES = ['adapter_config.json', 'adapter_model.safetensors', 'adapter_model.bin'];

/** Feedback is kept of so many users at most: clients may send any names. */
const MOST_USERS = 10_000;

/** The users of a folder, each with a folder in it. Throws `not-found` if it does not exist. */
export async function servedUsers(folder: string, mostUsers = MOST_USERS): Promise<ServedUsers> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new Gpt2Error('not-found', `--users: there is no folder ${folder}; create it`);
  const users = new Users(folder);
  return {
    async adapters(user) {
      // Clients may send any text.
      if (!isUserName(user)) return undefined;
      const { adapter } = await users.get(userName(user, 'user'));
      const versions = await Promise.all(FILES.map((name) => versionOf(join(adapter, name))));
      if (versions[0] === '') return undefined;
      return { version: versions.join(), adapters: [adapter] };
    },
    async feedback(user, feedback, model) {
      const one = await users.get(userName(user, 'user'));
      await users.checkRoom(one, mostUsers);
      await one.choices.add([{ ...feedback, model, time: new Date().toISOString() }]);
    },
  };
}

/** Changes with the file; `''` if there is none. */
async function versionOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs].join('-');
  } catch (error) {
    if (isAbsent(error)) return '';
    throw fileError(error, path, 'read');
  }
}
