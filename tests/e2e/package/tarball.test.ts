import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { npm } from '../../support/npm.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-package-'));
let packedBytes = Number.NaN;
const installed = join(folder, 'node_modules', 'gpt2-wasm');

/** Runs a module in the empty project and gives its standard output. */
function runModule(code: string): string {
  const file = join(folder, 'run.mjs');
  writeFileSync(file, code);
  return execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
}

test.before(() => {
  // A release has it made by npm before it is published.
  execFileSync(process.execPath, [join(ROOT, 'scripts/sbom.mjs')]);
  const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], ROOT));
  packedBytes = packed.size;
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  npm(['install', '--no-audit', '--no-fund', join(folder, packed.filename)], folder);
});

test.after(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the installed package generates text with the embedded model, and describes an image with the captioner', () => {
  const path = join(ROOT, 'tests/fixtures/stories/expected.json');
  const { input_ids: prompt, greedy } = JSON.parse(readFileSync(path, 'utf8'));
  const output = runModule(`
    import { compileFormat, embeddedModel, loadModel } from 'gpt2-wasm';
    import { embeddedCaptioner, loadCaptioner } from 'gpt2-wasm/vision';
    const model = await loadModel(embeddedModel);
    const { tokens } = await model.generate(${JSON.stringify(prompt)}, { temperature: 0, maxTokens: 8 });
    const jsonSchema = { type: 'array', items: { type: 'string', pattern: '^[a-z]{1,8}$' }, maxItems: 2 };
    const format = await compileFormat({ jsonSchema });
    const { text } = await model.generate('A list of words: ', { format });
    const captioner = await loadCaptioner(embeddedCaptioner);
    const pixels = { width: 72, height: 72, data: new Uint8Array(3 * 72 * 72).fill(230) };
    pixels.data.fill(0, 3 * 72 * 30, 3 * 72 * 40);
    const caption = await captioner.caption(pixels);
    console.log(JSON.stringify([tokens, format.accepts(text), caption.text]));
  `);
  const [tokens, isOfFormat, caption] = JSON.parse(output);
  assert.equal([tokens, isOfFormat], [greedy.slice(0, 8), true]);
  assert.match(caption, /circle|square|triangle|star/);
});

test('the installed package runs a model in a worker', () => {
  const output = runModule(`
    import { embeddedModel, Gpt2Error } from 'gpt2-wasm';
    import { createWorkerModel, Gpt2Error as SameError } from 'gpt2-wasm/worker';
    const model = await createWorkerModel(embeddedModel);
    const { tokens } = await model.generate('Once upon a time', { maxTokens: 3 });
    model.dispose();
    console.log(tokens.length, Gpt2Error === SameError);
  `);
  assert.is(output, '3 true\n');
});

test('every runtime that is named gets its modules', () => {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const path of ['.', './worker', './train', './examine', './vision', './server']) {
    const { types: _, ...conditions } = exports[path];
    const places = Object.entries(conditions).map(([name, file]) => [name, String(file).split('/')[2]]);
    assert.equal(Object.fromEntries(places), {
      workerd: 'web',
      'edge-light': 'web',
      browser: 'web',
      deno: 'esm',
      bun: 'esm',
      node: 'esm',
      default: 'web',
    });
    for (const file of Object.values(exports[path])) assert.ok(existsSync(join(installed, String(file))));
  }
});

test('the packages that are installed with it run no scripts, and have licences that allow any use', () => {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  for (const [path, { license, hasInstallScript, integrity }] of Object.entries<Record<string, string>>(
    packages,
  )) {
    if (path === '') continue;
    assert.is(hasInstallScript, undefined, path);
    assert.match(license!, /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause)$/, path);
    assert.match(integrity!, /^sha512-/, path);
  }
});

test('licences and the bill of materials name all packages, installed or built in', () => {
  const names = [
    ...['@assemblyscript/loader', '@eslint-community/regexpp', '@hono/node-server', '@huggingface/jinja'],
    ...['ajv', 'assemblyscript', 'fflate', 'hono', 'hyparquet', 'idb-keyval', 'obscenity', 'valibot', 'yaml'],
  ];
  const notices = readFileSync(join(installed, 'build/THIRD_PARTY_NOTICES.txt'), 'utf8');
  const heads = Array.from(notices.matchAll(/^-{80}\n\n(\S+) \S+ \((\S+)\)\n\n(?=\S)/gm), ([, name]) => name);
  assert.equal(heads, names);
  const bill = JSON.parse(readFileSync(join(installed, 'build/sbom.cdx.json'), 'utf8'));
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const beside = Object.keys(packages).map((path) => path.replace(/^node_modules\//, ''));
  const others = beside.filter((name) => !['', 'gpt2-wasm'].includes(name));
  const listed = bill.components.map(({ name }: { name: string }) => name);
  assert.equal(listed.sort(), [...names, ...others].sort());
  assert.is(bill.metadata.component.name, 'gpt2-wasm');
});

test('the installed command runs', () => {
  const bin = join(folder, 'node_modules', '.bin', 'gpt2-wasm');
  const { stdout, status } = spawnSync(bin, ['tokenize', 'Once upon a time', '--json'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  assert.is(status, 0);
  assert.ok(stdout.includes('['));
});

test('the binaries are exported', () => {
  for (const build of ['simd', 'relaxed']) {
    const output = runModule(`
      import { readFileSync } from 'node:fs';
      import { fileURLToPath } from 'node:url';
      const bytes = readFileSync(fileURLToPath(import.meta.resolve('gpt2-wasm/wasm/${build}.wasm')));
      console.log(bytes.subarray(0, 4).toString('latin1') === '\\0asm');
    `);
    assert.is(output.trim(), 'true', build);
  }
});

test('the types are found by a strict TypeScript project', () => {
  writeFileSync(
    join(folder, 'use.ts'),
    `import { type Completion, Gpt2Error, loadModel } from 'gpt2-wasm';
     import { createWorkerModel } from 'gpt2-wasm/worker';
     const model = await loadModel('folder', { build: 'simd' });
     const remote = await createWorkerModel(new Uint8Array(3), { cache: false });
     const tokens: number[] = await remote.session().tokens();
     console.log(tokens);
     // @ts-expect-error: numbers are no source
     await loadModel([1, 2, 3]);
     const completion: Completion = await model.generate('text', { maxTokens: 3 });
     for await (const token of model.stream('text')) console.log(token.text, completion.text, Gpt2Error);
     // @ts-expect-error: a wrong option name is a type error
     await model.generate('text', { maxToken: 3 });`,
  );
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', ''];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const result = spawnSync(process.execPath, [tsc, ...options, 'use.ts'], { cwd: folder, encoding: 'utf8' });
  assert.is(result.stdout, '');
  assert.is(result.status, 0);
});

test('the main entry imports nothing but its own modules and Node, and the hub once an id is given', () => {
  /** Modules that the entry loads at once, and all that it may load. */
  const atOnce = new Set<string>();
  const all = new Set<string>();
  const visit = (file: string, isAtOnce: boolean): void => {
    const seen = isAtOnce ? atOnce : all;
    if (seen.has(file)) return;
    seen.add(file);
    all.add(file);
    const code = readFileSync(join(installed, 'build/esm', file), 'utf8');
    const imports = code.matchAll(/^(?:import|export)[^;']*?from '([^']+)';|\bimport\('([^']+)'\)/gm);
    for (const [, named, loaded] of imports) {
      const specifier = named ?? loaded!;
      const isNow = isAtOnce && named !== undefined;
      if (specifier.startsWith('./')) visit(specifier.slice(2), isNow);
      else if (specifier === '@huggingface/hub') {
        assert.is(named, undefined);
        assert.not.ok(isAtOnce, `${file}, which is loaded at once, has code for the hub`);
      } else
        assert.ok(builtinModules.includes(specifier.replace(/^node:/, '')), `${file} imports ${specifier}`);
    }
  };
  visit('index.js', true);
  assert.ok(all.size > atOnce.size, 'modules that are loaded on demand are found too');
});

test('without the package of the hub everything else works, and an id says what is missing', () => {
  rmSync(join(folder, 'node_modules', '@huggingface'), { recursive: true });
  const output = runModule(`
    import { embeddedModel, loadModel } from 'gpt2-wasm';
    await loadModel(embeddedModel);
    await loadModel('some-owner/name').catch(({ code, message }) => console.log(code, message));
  `);
  assert.match(output, /^runtime .*npm install @huggingface\/hub/);
});

test('the package holds what it needs and no more', () => {
  const top = readdirSync(installed).sort();
  assert.equal(top, [
    ...[
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'bench',
      'build',
      'docs',
      'examples',
    ],
    ...['models', 'package.json'],
  ]);
  // Two models take 10 MB of them.
  assert.ok(packedBytes < 13e6, `the package has ${packedBytes} bytes`);
  assert.equal(readdirSync(join(installed, 'build')).sort(), [
    'THIRD_PARTY_NOTICES.txt',
    'esm',
    'playground',
    'sbom.cdx.json',
    'types',
    'wasm',
    'web',
  ]);
  for (const build of ['simd', 'relaxed']) {
    const { size } = statSync(join(installed, `build/wasm/${build}.wasm`));
    assert.ok(size < 64 * 1024, `${build}.wasm has ${size} bytes`);
  }
});

/** The address of a heading on GitHub and npm: lower case, spaces as hyphens, without other punctuation. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

test('links of the packed documents lead to packed files and to headings that exist', () => {
  const documents = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^(?!node_modules).*\.md$/.test(name),
  );
  assert.ok(documents.includes('README.md'));
  for (const name of documents) {
    const text = readFileSync(join(installed, name), 'utf8');
    for (const [, link] of text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)) {
      const [path, anchor] = link!.split('#') as [string, string | undefined];
      const target = path === '' ? join(installed, name) : join(installed, dirname(name), path);
      assert.ok(existsSync(target), `${name} links to ${link}`);
      if (anchor === undefined) continue;
      const page = readFileSync(target, 'utf8');
      const headings = Array.from(page.matchAll(/^#+ +(.+)$/gm), ([, heading]) => anchorOf(heading!));
      const isThere = headings.includes(anchor) || page.includes(`<a id="${anchor}">`);
      assert.ok(isThere, `${name} links to ${link}`);
    }
  }
});

test.run();
