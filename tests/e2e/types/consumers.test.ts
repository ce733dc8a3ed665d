// The package's types in the programs of others: the oldest TypeScript that is supported, every way to
// resolve modules, with and without the DOM library, nothing skipped.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-types-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
symlinkSync(ROOT, join(folder, 'node_modules', 'gpt2-wasm'), 'dir');
symlinkSync(join(ROOT, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'), 'dir');
symlinkSync(join(ROOT, 'node_modules/undici-types'), join(folder, 'node_modules/undici-types'), 'dir');
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');

const program = join(folder, 'program.ts');
writeFileSync(
  program,
  `import { type Completion, embeddedModel, type GenerateOptions, Gpt2Error, loadModel, type Model } from 'gpt2-wasm';
   import { createWorkerModel } from 'gpt2-wasm/worker';
   import { readDocuments, Trainer, type TrainerOptions } from 'gpt2-wasm/train';
   import { type Caption, loadCaptioner, loadWorkerCaptioner, webVtt } from 'gpt2-wasm/vision';
   import 'gpt2-wasm/model-worker';
   import binary from 'gpt2-wasm/wasm/simd.wasm';

   const model: Model = await loadModel(embeddedModel, { build: 'simd', contextLength: undefined });
   const files = await loadModel({ 'model.gguf': new Uint8Array(3) }, { module: binary });
   const remote = await createWorkerModel(new DataView(new ArrayBuffer(3)), { cache: false });
   const tokens: number[] = await remote.session().tokens();
   const options: GenerateOptions = { maxTokens: 3 };
   const completion: Completion = await model.generate('text', options);
   for await (const { text } of model.stream([1, 2, 3])) tokens.push(text.length);
   {
     using session = model.session();
     await using stream = session.stream('text');
     tokens.push((await stream.completion).tokens.length);
   }
   const training: TrainerOptions = { model: 'folder', data: readDocuments([]), steps: 3 };
   const trainer = await Trainer.create(training);
   for await (const { loss } of trainer) tokens.push(loss);
   const captioner = await loadCaptioner('folder', { weights: 'q8' });
   const caption: Caption = await captioner.caption(new Uint8Array(3), { beams: 2, attention: true });
   const captions = await captioner.caption([new ArrayBuffer(3), new Float32Array(3)]);
   const frames = [{ time: 0, image: { width: 1, height: 1, data: new Uint8Array(3) } }];
   for await (const cue of captioner.captionFrames(frames)) tokens.push(webVtt([cue]).length);
   tokens.push((await (await loadWorkerCaptioner('folder')).caption(new DataView(new ArrayBuffer(3)))).tokens.length);
   tokens.push(caption.tokens.length, captions.length);
   // @ts-expect-error: a wrong option name is a type error
   await model.generate('text', { maxToken: 3 });
   // @ts-expect-error: exact optional properties
   await model.generate('text', { stop: undefined, maxTokens: undefined, topK: 'x' });
   export { completion, files, Gpt2Error, tokens };`,
);

const TSC = join(ROOT, 'node_modules/typescript-5.4/bin/tsc');

/** The compiler's messages for a project with these options. */
function check(options: object): string {
  const project = {
    compilerOptions: {
      ...{ noEmit: true, strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, types: [] },
      ...{ target: 'es2022', preserveSymlinks: true },
      ...options,
    },
    files: ['program.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  return spawnSync(process.execPath, [TSC, '-p', '.'], { cwd: folder, encoding: 'utf8' }).stdout;
}

test('the compiler is the oldest that is supported', () => {
  const { stdout } = spawnSync(process.execPath, [TSC, '--version'], { encoding: 'utf8' });
  assert.match(stdout, /^Version 5\.4\./);
});

for (const [name, options] of Object.entries({
  'node16 without DOM': { module: 'node16', lib: ['es2022'] },
  'node16 with the types of Node': { module: 'node16', lib: ['es2022'], types: ['node'] },
  'nodenext with DOM': { module: 'nodenext', lib: ['es2022', 'dom'] },
  'a bundler, with DOM': { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'] },
  'a bundler, for workers': { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'webworker'] },
})) {
  test(`TypeScript 5.4: ${name}`, () => assert.is(check(options), ''));
}

test.run();
