import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder for what this package keeps of a person: gpt2-wasm/ in `XDG_DATA_HOME`, on Windows in `LOCALAPPDATA`, else in
 * ~/.local/share.
 */
export function dataFolder(environment: Environment = process.env): string {
  const { XDG_DATA_HOME, LOCALAPPDATA } = environment;
  const own = process.platform === 'win32' ? LOCALAPPDATA : undefined;
  return join(XDG_DATA_HOME || own || join(homedir(), '.local', 'share'), 'gpt2-wasm');
}
