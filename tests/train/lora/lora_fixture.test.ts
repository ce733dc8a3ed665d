import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LORA_TARGETS, loraParameters, targetParameters } from '../../../src/architecture/gpt2/lora.js';
import { readAdapter } from '../../../src/checkpoints/peft/read_adapter.js';
import { folderSource } from '../../../src/files/folder/folder_source.js';
import { trainStep } from '../../../src/train/step.js';
import { expectedOf } from '../../support/checkpoints.js';
import { BUILDS } from '../../support/relaxed.js';
import { loadTrainCore, norm, sequence } from '../../support/training.js';

/** An adapter and what PyTorch makes of it; make.py there has the optimizer's numbers. */
const FIXTURE = fileURLToPath(new URL('../../fixtures/lora', import.meta.url));
const BASE = 'odd-sizes';

interface Expected {
  /** Before each step, and after the last. */
  readonly losses: readonly number[];
  /** Of the first step, by the names of A and B. */
  readonly gradients_f32_base64: Readonly<Record<string, string>>;
}

const expected: Expected = JSON.parse(readFileSync(`${FIXTURE}/expected.json`, 'utf8'));

for (const build of BUILDS) {
  test(`${build}: an adapter that PyTorch wrote has its gradients there, and its losses over 20 steps`, async () => {
    const length = expectedOf(BASE).input_ids.length;
    const lora = { rank: 5, alpha: 7, targets: LORA_TARGETS };
    const core = await loadTrainCore(BASE, build, { batch: 1, length, lora });
    const adapter = await readAdapter(await folderSource(FIXTURE), core.config);
    for (const parameter of targetParameters(core.config, LORA_TARGETS)) {
      const { a, b } = loraParameters(parameter, lora.rank);
      const pair = adapter.pairs.get(parameter.name)!;
      core.write('weights', a, pair.a);
      core.write('weights', b, pair.b);
    }
    const batch = sequence(expectedOf(BASE).input_ids);
    await core.accumulate(batch, { scale: 1 / (length - 1) });
    for (const parameter of core.parameters) {
      const bytes = Uint8Array.from(Buffer.from(expected.gradients_f32_base64[parameter.name]!, 'base64'));
      const want = new Float32Array(bytes.buffer);
      const got = core.read('gradients', parameter);
      const difference = norm(got.map((value, i) => value - want[i]!));
      assert.ok(difference < 1e-4 * norm(want), `${parameter.name}: ${difference} of ${norm(want)}`);
      core.write('gradients', parameter, got.fill(0));
    }
    const options = { learningRate: 5e-3, weightDecay: 0.1, maxGradientNorm: Infinity };
    for (const [i, want] of expected.losses.entries()) {
      const { loss } = await trainStep(core, [batch], { ...options, step: i + 1 });
      assert.ok(Math.abs(loss - want) < 1e-4 * want, `step ${i + 1}: ${loss} ${want}`);
    }
  });
}

test.run();
