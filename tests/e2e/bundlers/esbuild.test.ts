// Bundles of esbuild for Node: in a project with the package installed, the bundle finds its files there;
// elsewhere it says what to do.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ESBUILD = join(ROOT, 'node_modules/.bin/esbuild');
const MODEL = join(ROOT, 'tests/fixtures/stories-tiny');

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-esbuild-'));
const project = join(folder, 'project');
const elsewhere = join(folder, 'elsewhere');
mkdirSync(join(project, 'node_modules'), { recursive: true });
mkdirSync(elsewhere);
symlinkSync(ROOT, join(project, 'node_modules', 'gpt2-wasm'), 'dir');
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Bundles a program into a file, runs it in `place`, and gives its output. */
function runBundle(format: 'cjs' | 'esm', place: string, body: string, ...flags: string[]): string {
  const source = join(project, 'program.js');
  writeFileSync(
    source,
    `import { embeddedModel, Gpt2Error, loadModel } from 'gpt2-wasm';
     import { createWorkerModel } from 'gpt2-wasm/worker';
     const options = { maxTokens: 3, ignoreEos: true };
     const said = (error) => console.log(error instanceof Gpt2Error, error.code, error.message);
     async function run() { ${body} }
     run();`,
  );
  const out = join(place, `program.${format === 'cjs' ? 'cjs' : 'mjs'}`);
  const args = [source, '--bundle', '--platform=node', `--format=${format}`, `--outfile=${out}`];
  execFileSync(ESBUILD, [...args, '--target=node20', '--log-level=error', ...flags], { cwd: project });
  const { stdout, stderr } = spawnSync(process.execPath, [out], { cwd: place, encoding: 'utf8' });
  assert.is(stderr, '');
  return stdout;
}

for (const format of ['cjs', 'esm'] as const) {
  test(`${format}: a bundle in a project that has the package runs models, on threads and in a worker`, () => {
    const output = runBundle(
      format,
      project,
      `for (const load of [loadModel, createWorkerModel]) {
         const model = await load(embeddedModel, { threads: 2 });
         console.log((await model.generate('Once', options)).tokens.length, model.runtime.threads);
         model.dispose();
       }`,
    );
    assert.is(output, '3 2\n3 2\n');
  });

  test(`${format}: a bundle without the package says what to do`, () => {
    const output = runBundle(
      format,
      elsewhere,
      `await loadModel(${JSON.stringify(MODEL)}).catch(said);
       await loadModel(embeddedModel).catch(said);
       await createWorkerModel(${JSON.stringify(MODEL)}).catch(said);`,
    );
    const lines = output.trim().split('\n');
    assert.is(lines.length, 3);
    for (const line of lines) assert.match(line, /^true not-found .*--external:gpt2-wasm/);
    assert.match(lines[0]!, /pass loadModel a module compiled from gpt2-wasm\/wasm\//);
    assert.match(lines[1]!, /embedded model/);
  });

  test(`${format}: a bundle without the package runs a model with the module that it carries`, () => {
    const output = runBundle(
      format,
      elsewhere,
      `const { default: bytes } = await import('gpt2-wasm/wasm/simd.wasm');
       const module = await WebAssembly.compile(bytes);
       const model = await loadModel(${JSON.stringify(MODEL)}, { module });
       console.log((await model.generate('Once', options)).tokens.length);`,
      '--loader:.wasm=binary',
    );
    assert.is(output, '3\n');
  });
}

test.run();
