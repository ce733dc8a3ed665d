// For `node --import`: lets something happen at the n-th call of this process to the file system in a folder. The
// environment variable FAULT has the JSON of a `Fault` of file_calls.ts.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';

const { under, at, action, log } = JSON.parse(process.env.FAULT);
/** Calls that need space. */
const FULL = /^(open for writing|mkdir|symlink|write|writeFile|appendFile|sync)$/;
const calls = [];
let isFull = false;

const isMeant = (args) => args.some((arg) => typeof arg === 'string' && resolve(arg).startsWith(under));
const refuse = (code, name, path) => {
  throw Object.assign(new Error(`${code}: refused, ${name} '${path}'`), { code, syscall: name, path });
};

/** Lets happen what is to happen before a call. `half` does the half of a call that writes. */
async function before(name, path, half) {
  if (isFull && FULL.test(name)) refuse('ENOSPC', name, path);
  calls.push({ name, path });
  if (calls.length !== at) return;
  if (action === 'SIGKILL') process.kill(process.pid, action);
  if (action === 'half') {
    await half?.();
    process.kill(process.pid, 'SIGKILL');
  }
  if (action.startsWith('SIG')) {
    process.kill(process.pid, action);
    // The handler of a signal runs in a later task.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return;
  }
  if (action === 'ENOSPC') {
    isFull = true;
    await half?.();
  }
  refuse(action, name, path);
}

/** Follows the calls of a file handle. */
function follow(handle, path) {
  for (const name of ['read', 'write', 'writeFile', 'appendFile', 'truncate', 'sync', 'stat', 'close']) {
    const own = handle[name].bind(handle);
    handle[name] = async (...args) => {
      const half =
        /^(write|writeFile|appendFile)$/.test(name) && args[0]?.length > 1
          ? () => own(args[0].slice(0, args[0].length / 2))
          : undefined;
      if (name === 'close') await own();
      await before(name, path, half);
      return name === 'close' ? undefined : own(...args);
    };
  }
  return handle;
}

const isWriting = (flags) => (typeof flags === 'string' ? /[wa+]/.test(flags) : (flags & 3) !== 0);
const { promises } = fs;
const plain = [
  'stat',
  'lstat',
  'readdir',
  'readFile',
  'writeFile',
  'mkdir',
  'rename',
  'rm',
  'symlink',
  'unlink',
  'access',
];
for (const name of plain) {
  const own = promises[name];
  promises[name] = async (...args) => {
    if (isMeant(args.slice(0, 2))) await before(name, args[0]);
    return own(...args);
  };
}
const { open } = promises;
promises.open = async (path, flags = 'r', ...rest) => {
  if (!isMeant([path])) return open(path, flags, ...rest);
  await before(isWriting(flags) ? 'open for writing' : 'open', path);
  return follow(await open(path, flags, ...rest), path);
};
// Streams open their files by this one.
const { open: openLater } = fs;
fs.open = (path, ...rest) => {
  if (!isMeant([path])) return openLater(path, ...rest);
  before('open', path).then(() => openLater(path, ...rest), rest.at(-1));
};
syncBuiltinESMExports();

process.on('exit', () => {
  if (log !== undefined) fs.writeFileSync(log, JSON.stringify(calls));
});
