import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installPackages } from '../support/folder_packages.js';
import type { Mutant, Swaps } from './mutant.js';
import { root } from './run_process.js';

const STORE = join(root, 'build/mutants');

/** Files that only a browser runs. */
const IN_BROWSER = /[_/]web[_.]/;

export interface Instrumented {
  readonly mutants: readonly Mutant[];
  /** Files that report the ids of the mutants that they run, as preload.mjs says. */
  readonly swaps: Swaps;
  /** Folder for all that belongs to these sources. */
  readonly folder: string;
}

/** All mutants of some folders of src/, and copies of the files that report which they run; both are kept in build/. */
export async function instrument(folders: readonly string[]): Promise<Instrumented> {
  const files = folders.flatMap(sourcesIn);
  const hash = createHash('sha1').update(`${shouldIgnore}${reporting}`);
  for (const { name, content } of files) hash.update(`${name}\n${content}`);
  const folder = join(STORE, hash.digest('hex').slice(0, 16));
  const list = join(folder, 'mutants.json');
  if (!existsSync(list)) {
    rmSync(STORE, { recursive: true, force: true });
    const result = await stryker(files);
    for (const { name, content } of result.files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), reporting(content));
    }
    writeFileSync(`${list}.unfinished`, JSON.stringify(result.mutants));
    renameSync(`${list}.unfinished`, list);
  }
  const mutants = JSON.parse(readFileSync(list, 'utf8')) as Mutant[];
  const swaps = Object.fromEntries(files.map(({ name }) => [urlOf(name), urlOf(join(folder, name))]));
  return { mutants, swaps, folder };
}

/** The URL of a path that may be relative to the root of the project. */
export function urlOf(path: string): string {
  return pathToFileURL(resolve(root, path)).href;
}

interface Source {
  readonly name: string;
  readonly content: string;
}

function sourcesIn(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${String(name).split(sep).join('/')}`)
    .filter((name) => name.endsWith('.ts') && !IN_BROWSER.test(name))
    .sort()
    .map((name) => ({ name, content: readFileSync(join(root, name), 'utf8') }));
}

/** A mutant as the library gives it; lines and columns count from 0. */
interface Found {
  readonly fileName: string;
  readonly id: string;
  readonly location: { readonly start: Position; readonly end: Position };
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status?: string;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

async function stryker(sources: readonly Source[]): Promise<{ files: Source[]; mutants: Mutant[] }> {
  const reason = installPackages(fileURLToPath(new URL('.', import.meta.url)));
  if (reason !== undefined) throw new Error(reason);
  // By a variable: the types are not there before the package is.
  const library = '@stryker-mutator/instrumenter';
  const { Instrumenter } = await import(library);
  const nothing = () => {};
  const log = { isDebugEnabled: () => false, debug: nothing, info: nothing, warn: console.warn };
  const files = sources.map((source) => ({ ...source, mutate: true }));
  const options = { plugins: null, excludedMutations: [], ignorers: [{ shouldIgnore }], noHeader: true };
  const result: { files: Source[]; mutants: Found[] } = await new Instrumenter(log).instrument(
    files,
    options,
  );
  const contents = new Map(sources.map(({ name, content }) => [name, content]));
  const mutants = result.mutants
    .filter(({ status }) => status === undefined)
    .map(({ fileName, id, location, mutatorName, replacement }): Mutant => {
      const content = contents.get(fileName)!;
      const [start, end] = [offsetOf(content, location.start), offsetOf(content, location.end)];
      return {
        ...{
          file: fileName,
          id: Number(id),
          line: location.start.line + 1,
          start,
          end,
          mutator: mutatorName,
        },
        ...{ original: content.slice(start, end), replacement },
      };
    });
  return { files: result.files, mutants };
}

/** Code without the mutants, which reports what it runs by a cheaper call than the library's. */
function reporting(code: string): string {
  return code
    .replace(/stryMutAct_9fa48\("\d+"\)/g, 'false')
    .replace(
      /stryCov_9fa48\("(\d+)"(.*?)\)/g,
      (_, id, more) => `(mutantsReached[${id}] || reportMutants("${id}"${more}))`,
    );
}

function offsetOf(content: string, { line, column }: Position): number {
  let start = 0;
  for (let n = 0; n < line; n++) start = content.indexOf('\n', start) + 1;
  return start + column;
}

/** A node of the syntax tree, as far as `shouldIgnore` reads it. */
interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly quasis?: readonly { readonly value: { readonly raw: string } }[];
}

/** Sentences are for people: a test that holds each word would only repeat them. */
function shouldIgnore({ node }: { readonly node: Node }): string | undefined {
  const text =
    node.type === 'StringLiteral'
      ? String(node.value)
      : (node.quasis?.map(({ value }) => value.raw).join('X') ?? '');
  return /[a-z,:] [a-z]/i.test(text) ? 'a sentence' : undefined;
}
