import { Gpt2Error } from '../base/errors.js';

/** Advice for errors of the file system, by Node's error code. */
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

/** Error codes of missing files. */
const ABSENT: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** Whether an error of the file system says that nothing exists at a path. */
export function isAbsent(error: unknown): boolean {
  return ABSENT.includes((error as NodeJS.ErrnoException | null)?.code);
}

/**
 * The Gpt2Error for an error of the file system: `not-found` if the file or its folder does not exist, else
 * `storage`. Errors of this package are returned unchanged. `name` is the file's name in the message.
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
