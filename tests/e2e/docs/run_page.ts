import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type CodeBlock, codeBlocks, ROOT } from './code_blocks.js';

/** A block that hangs, or leaves something that keeps its process alive, is ended. */
const LONGEST_MS = 300_000;

/** The public names of the package, by the entry that exports them. */
const EXPORTS = new Map<string, string>();
for (const [entry, file] of [
  ['gpt2-wasm/train', 'train'],
  ['gpt2-wasm/examine', 'examine'],
  ['gpt2-wasm/vision', 'vision'],
  ['gpt2-wasm/server', 'server'],
  ['gpt2-wasm/worker', 'worker'],
  ['gpt2-wasm', 'index'],
] as const) {
  const names = await import(join(ROOT, `build/esm/${file}.js`));
  for (const name of Object.keys(names)) EXPORTS.set(name, entry);
}

/** The folder and the hub for the blocks of a page. */
export interface Place {
  /** A new folder, their working directory. */
  readonly folder: string;
  /** Files of `makeSharedFiles`, which are copied. */
  readonly shared: string;
  /** Address of the hub. */
  readonly hub: string;
}

/**
 * Runs the blocks of a page in their order and gives what went wrong; `undefined` if nothing did. Blocks of
 * JavaScript that follow each other share a process.
 */
export async function runPage(page: string, place: Place): Promise<string | undefined> {
  const { shared, folder } = place;
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(shared)) {
    if (name === 'node_modules' || name === 'bin')
      symlinkSync(join(shared, name), join(folder, name), 'junction');
    else cpSync(join(shared, name), join(folder, name), { recursive: true });
  }
  let modules: CodeBlock[] = [];
  const runModules = async () => {
    const files = modules.map((block) => `${writeModule(block, folder)}=${block.page}:${block.line}`);
    modules = [];
    if (files.length === 0) return undefined;
    cpSync(join(ROOT, 'tests/e2e/docs/run_modules.mjs'), join(folder, 'run_modules.mjs'));
    return run(process.execPath, ['run_modules.mjs', ...files], place);
  };
  for (const block of codeBlocks(page)) {
    if (block.note !== '') continue;
    if (block.language === 'js') modules.push(block);
    if (block.language !== 'sh') continue;
    const failure = (await runModules()) ?? (await runShell(block, place));
    if (failure !== undefined) return `${page}: ${failure}`;
  }
  const failure = await runModules();
  return failure && `${page}: ${failure}`;
}

/**
 * Writes a block as a module that stands in the lines that it has on its page, so that errors name these. A
 * first line such as `// server.mjs` names its file. Public names that it uses and does not import are
 * imported, and `model` and `captioner`, if it does not declare them, are the embedded model and that of `vit-gpt2/`.
 */
function writeModule({ page, line, code }: CodeBlock, folder: string): string {
  const named = /^\/\/ ([\w.]+\.mjs)\b/.exec(code)?.[1];
  const file = join(folder, named ?? `${page.replaceAll('/', '-')}-${line}.mjs`);
  mkdirSync(dirname(file), { recursive: true });
  const uses = (name: string) => new RegExp(`(?<![.\\w])${name}\\b`).test(code);
  const declares = (name: string) =>
    new RegExp(
      `\\b(?:const|let|function|class) ${name}\\b|\\b(?:import|const|let) [{[][^=;)]*\\b${name}\\b`,
    ).test(code);
  const missing = [...EXPORTS].filter(([name]) => uses(name) && !declares(name));
  const imports = missing.map(([name, entry]) => `import { ${name} } from '${entry}';`);
  if (uses('model') && !declares('model')) imports.push('const model = await globalThis.sharedModel();');
  if (uses('captioner') && !declares('captioner'))
    imports.push('const captioner = await globalThis.sharedCaptioner();');
  writeFileSync(file, `${imports.join(' ')}${'\n'.repeat(line - 1)}${code}`);
  return file;
}

async function runShell({ line, code }: CodeBlock, place: Place): Promise<string | undefined> {
  // The name of the shell in its messages, which bash follows with the line.
  const script = `${'\n'.repeat(line - 1)}${code}`;
  const failure = await run('bash', ['-e', '-o', 'pipefail', '-c', script, 'block'], place);
  return failure && `the block at line ${line}: ${failure}`;
}

/** Runs a program and gives its output if it fails. */
function run(program: string, args: readonly string[], { folder, hub }: Place): Promise<string | undefined> {
  const PATH = [join(folder, 'bin'), process.env.PATH].join(delimiter);
  const child = spawn(program, args, {
    cwd: folder,
    env: {
      ...{ ...process.env, PATH, HF_ENDPOINT: hub, HF_HOME: join(folder, 'hub') },
      XDG_DATA_HOME: join(folder, 'data'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(String(error)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(`${signal === 'SIGKILL' ? 'it does not end' : `status ${code}`}\n${output.slice(-4000)}`);
    });
  });
}
