// Compiles assembly/ to build/wasm, and src/ to build/types, build/esm and build/web.
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bin, root, run } from './run.mjs';

// Progress belongs on stderr, so that `npm start` leaves stdout to the generated text.
const quiet = { stdout: 2 };

for (const folder of ['wasm', 'js', 'types', 'esm', 'web']) {
  rmSync(join(root, 'build', folder), { recursive: true, force: true });
}
const { targets } = JSON.parse(readFileSync(join(root, 'asconfig.json'), 'utf8'));
for (const target of Object.keys(targets)) {
  const core = ['--config', 'asconfig.json', '--target', target];
  run(bin.asc, core, quiet);
  // Training is a binary of its own, so that who only generates need not download it.
  run(bin.asc, ['assembly/train_index.ts', ...core, '--outFile', `build/wasm/train-${target}.wasm`], quiet);
  // A custom section says which build a module is, once it is compiled: kind 0, length, name with its length, content.
  const name = 'gpt2-wasm';
  const section = Buffer.from([0, 1 + name.length + target.length, name.length]);
  appendFileSync(
    join(root, `build/wasm/${target}.wasm`),
    Buffer.concat([section, Buffer.from(name + target)]),
  );
}
run(bin.tsc, ['-p', 'tsconfig.build.json'], quiet);
run(bin.rollup, ['-c', 'rollup.config.mjs', '--silent'], quiet);
writeFileSync(join(root, 'build', 'built'), '');
