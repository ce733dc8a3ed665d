import { Gpt2Error } from '../base/errors.js';

/** What to do about the failures of a file system, by Node's code of the system's error. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: 'the quota of this user is used up; free some space',
  EFBIG: 'the file system allows no file of this size',
  EROFS: 'the disk is read-only; give another place',
  EACCES: 'this user may not do that; change the permissions or give another place',
  EPERM: 'this user may not do that; change the permissions or give another place',
  EMFILE: 'this process has too many files open; close some or raise the limit (ulimit -n)',
  ENFILE: 'the system has too many files open; close some programs',
  EISDIR: 'it is a folder; give the path of a file',
  ENOTDIR: 'a part of the path is a file and no folder',
  EEXIST: 'a part of the path is a file and no folder',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its symbolic links lead in a circle',
  EBUSY: 'another program uses it',
  EIO: 'the disk or its connection has failed',
};

/** Codes of what is not there. */
const ABSENT: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** Whether a file system says that there is nothing at a path. */
export function isAbsent(error: unknown): boolean {
  return ABSENT.includes((error as NodeJS.ErrnoException | null)?.code);
}

/**
 * The error for what a file system refuses: `not-found` if the file or its folder is not there,
 * else `storage`. Errors
 * of this package pass unchanged. `name` is what a message calls the file.
 */
export function fileError(error: unknown, name: string, work: 'read' | 'written'): Gpt2Error {
  if (error instanceof Gpt2Error) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const advice = ADVICE[code];
  return new Gpt2Error(
    isAbsent(error) ? 'not-found' : 'storage',
    `${name} cannot be ${work}: ${advice === undefined ? message : `${advice} (${message})`}`,
    { cause: error },
  );
}
