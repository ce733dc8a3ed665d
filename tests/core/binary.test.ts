import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dotAddIsOneInstruction } from '../../src/core/binary.js';
import '../support/relaxed.js';
import { unless } from '../support/unless.js';

test('relaxed SIMD with wrong 8-bit products is not used for q8 and q4', () => {
  const script = `
    import { chooseBuild, computesRelaxedDot, supportsRelaxedSimd } from './src/core/binary.ts';
    const attempt = () => { try { return chooseBuild('relaxed', 'q8'); } catch (error) { return error.code; } };
    const auto = ['q8', 'q4'].map((weights) => chooseBuild('auto', weights));
    const right = supportsRelaxedSimd() && computesRelaxedDot();
    console.log(JSON.stringify([right, auto, attempt(), chooseBuild('simd', 'q8')]));`;
  // Node 20 has relaxed SIMD behind this flag; its baseline compiler computes the dot product wrongly. Later
  // versions are right.
  const flag = process.version.startsWith('v20.') ? ['--experimental-wasm-relaxed-simd'] : [];
  const node = [...flag, '--import', 'tsx', '--input-type=module', '-e', script];
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, node, { cwd: root, encoding: 'utf8' });
  assert.ok(stdout, stderr);
  const [right, auto, relaxed, simd] = JSON.parse(stdout);
  assert.is(right, flag.length === 0);
  assert.equal(auto, right ? ['relaxed', 'relaxed'] : ['simd', 'simd']);
  assert.is(relaxed, right ? 'relaxed' : 'runtime');
  assert.is(simd, 'simd');
});

/** Why this processor is not one that is known to lack an instruction for the 8-bit dot, if so. */
function noPlainProcessor(): string | undefined {
  if (process.arch !== 'x64') return `the processor is ${process.arch}`;
  if (!existsSync('/proc/cpuinfo')) return 'the system does not say what the processor has';
  // With AVX-VNNI, the engine decides whether it uses the instruction.
  if (/\bavx_vnni/.test(readFileSync('/proc/cpuinfo', 'utf8'))) return 'the processor has AVX-VNNI';
  return undefined;
}

unless(noPlainProcessor())(
  'an x86 processor without AVX-VNNI has no single instruction for the 8-bit dot',
  () => {
    assert.is(dotAddIsOneInstruction(), false);
  },
);

test.run();
