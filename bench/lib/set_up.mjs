import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bin, run } from '../../scripts/run.mjs';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/**
 * Installs the peers and compiles the peaks, each where that has not been done. Peers' install scripts do not run:
 * all they would do is fetch binaries for graphics processors.
 */
export function setUp() {
  const [lock, installed] = [here('package-lock.json'), here('node_modules/.package-lock.json')];
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    run('npm', ['ci', '--prefix', here('.'), ...quiet], { stdout: 2 });
  }
  for (const build of ['simd', 'relaxed']) {
    const features = ['--enable', 'simd', ...(build === 'relaxed' ? ['--enable', 'relaxed-simd'] : [])];
    const out = ['--outFile', `bench/build/peaks-${build}.wasm`, '-O3', '--noAssert'];
    const memory = ['--runtime', 'stub', '--importMemory', '--noExportMemory', '--use', 'abort='];
    run(bin.asc, ['bench/assembly/peaks.ts', ...out, ...memory, ...features], { stdout: 2 });
  }
}
