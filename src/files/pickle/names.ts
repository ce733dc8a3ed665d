/** Modules of Python 2 and 3 under one name. */
const SAME_MODULE: ReadonlyMap<string, string> = new Map([
  ['__builtin__', 'builtins'],
  ['copy_reg', 'copyreg'],
]);

/** Builtins that are types of data, in Python 2 and 3. */
const DATA_TYPES: ReadonlySet<string> = new Set(
  (
    'basestring bool buffer bytearray bytes complex dict enumerate float frozenset int list long memoryview object ' +
    'range reversed set slice str super tuple type unicode xrange zip'
  ).split(' '),
);
/** Exceptions and constants. */
const CLASS_NAME = /^[A-Z]\w*$/;

/** Modules whose functions reach files, processes, the network or the interpreter. */
const RUNS_CODE: ReadonlySet<string> = new Set(
  (
    'asyncio bdb cProfile code codeop commands ctypes ftplib http importlib linecache marshal multiprocessing nt ' +
    'ntpath operator os pdb pickle pip pkgutil popen2 posix posixpath posixsubprocess profile pty py_compile pydoc ' +
    'runpy shutil signal smtplib socket subprocess sys tempfile test timeit trace types urllib webbrowser zipimport'
  ).split(' '),
);

/** The module under the name that Python 3 has for it. */
export function moduleOf(module: string): string {
  return SAME_MODULE.get(module) ?? module;
}

/**
 * Whether a name is one that attacks use: it reaches the interpreter or the system, and no model's data needs
 * it. Nothing of it would run here; the file is refused so that nobody opens it elsewhere.
 */
export function isDangerous(module: string, name: string): boolean {
  if (module === 'builtins') return !DATA_TYPES.has(name) && !CLASS_NAME.test(name);
  return RUNS_CODE.has(module.split('.')[0]!.replace(/^_/, '')) && name !== 'SimpleNamespace';
}
