import { execFileSync } from 'node:child_process';

/** Under `npm run`, the PATH begins with node_modules/.bin, where a dependency's old npm lies. */
const [program, ...script] = process.env.npm_execpath
  ? [process.execPath, process.env.npm_execpath]
  : ['npm'];

/** Runs npm in a folder and gives its standard output. */
export function npm(args: readonly string[], cwd: string): string {
  return execFileSync(program!, [...script, ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
