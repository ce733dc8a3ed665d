import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../src/architecture/gpt2/config.js';
import { dotAddIsOneInstruction } from '../../src/core/binary.js';
import { estimateMemory } from '../../src/core/layout.js';
import { CHECKPOINTS, expectedOf, loadCore } from '../support/checkpoints.js';
import { logitsInBlocks, relativeError } from '../support/logits.js';
import { BUILDS } from '../support/relaxed.js';
import { unless } from '../support/unless.js';

for (const name of CHECKPOINTS) {
  for (const build of BUILDS) {
    test(`${name}, ${build}: q8 logits are near PyTorch's, the same in one block and in blocks of 1 and of 7`, async () => {
      const { input_ids, logits } = expectedOf(name);
      const core = await loadCore(name, build, 'q8');
      const whole = await logitsInBlocks(core, input_ids, core.blockSize);
      const error = relativeError(whole, logits);
      // Random weights of few channels are the worst case: 1.6 to 4.4 % here. That it is not 0 shows that q8 ran.
      assert.ok(error > 0.003 && error < 0.06, `relative error ${error}`);
      assert.equal(await logitsInBlocks(core, input_ids, 1), whole);
      assert.equal(await logitsInBlocks(core, input_ids, 7), whole);
    });
  }
}

test('both builds compute the same q8 model', async () => {
  for (const name of CHECKPOINTS) {
    const { input_ids } = expectedOf(name);
    const [simd, relaxed] = await Promise.all(
      BUILDS.map(async (build) => logitsInBlocks(await loadCore(name, build, 'q8'), input_ids, 7)),
    );
    // Fused or not, sums differ in their last bits, and with them now and then an activation by one step.
    assert.ok(relativeError(relaxed!, simd!) < 0.01, name);
  }
});

test('gpt2 in q8 takes at most 145 MB besides the KV cache', () => {
  const shape = { vocab_size: 50257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 };
  const { weights, scratch } = estimateMemory(parseConfig({ model_type: 'gpt2', ...shape }, 'test'), 'q8');
  assert.ok(weights + scratch <= 145e6, `${weights + scratch}`);
  // 34 bytes for each 32 of the 124 million weights.
  assert.ok(weights > 124e6 * (34 / 32), `${weights}`);
});

test('relaxed SIMD with wrong 8-bit products is not used for q8 and q4', () => {
  const script = `
    import { chooseBuild, computesRelaxedDot, supportsRelaxedSimd } from './src/core/binary.ts';
    const attempt = () => { try { return chooseBuild('relaxed', 'q8'); } catch (error) { return error.code; } };
    const auto = ['q8', 'q4'].map((weights) => chooseBuild('auto', weights));
    const right = supportsRelaxedSimd() && computesRelaxedDot();
    console.log(JSON.stringify([right, auto, attempt(), chooseBuild('simd', 'q8')]));`;
  // Node 20 has relaxed SIMD behind this flag, whose dot product its baseline compiler gets wrong; later ones are right.
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

/** Why a processor whose 8-bit dot is known to be several instructions is not at hand. */
function noPlainProcessor(): string | undefined {
  if (process.arch !== 'x64') return `the processor is ${process.arch}`;
  if (!existsSync('/proc/cpuinfo')) return 'the system does not say what the processor has';
  // With AVX-VNNI it depends on the engine.
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
