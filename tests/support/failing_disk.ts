import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** A function of `node:fs/promises`, or a method of a file handle such as `handle.sync`. */
export type DiskCall =
  | 'open'
  | 'stat'
  | 'readdir'
  | 'readFile'
  | 'mkdir'
  | 'rename'
  | `handle.${'read' | 'write' | 'writeFile' | 'sync' | 'close'}`;

/** Runs `body` while `call` fails with the system's error `code` on paths that contain `part`. */
export async function withFailingDisk<T>(
  call: DiskCall,
  code: string,
  part: string,
  body: () => Promise<T>,
): Promise<T> {
  const promises = fs.promises as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const [name, method] = call.startsWith('handle.') ? ['open', call.slice(7)] : [call];
  const original = promises[name!]!;
  const fail = (): never => {
    throw Object.assign(new Error(`${code}: refused, ${method ?? name}`), { code, syscall: method ?? name });
  };
  promises[name!] = async (...args) => {
    const isMeant = args.some((arg) => String(arg).includes(part));
    if (isMeant && method === undefined) fail();
    const result = await original(...args);
    if (!isMeant) return result;
    const handle = result as Record<string, () => Promise<unknown>>;
    const own = handle[method!]!.bind(handle);
    handle[method!] = async () => {
      if (method === 'close') await own();
      return fail();
    };
    return result;
  };
  syncBuiltinESMExports();
  try {
    return await body();
  } finally {
    promises[name!] = original;
    syncBuiltinESMExports();
  }
}
