import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dataFiles } from '../../src/files/folder/data_files.js';
import { readDocuments } from '../../src/train/data/read_documents.js';
import { Trainer } from '../../src/train/trainer.js';
import { DATA, EXPECTED, MODEL, SETTINGS } from '../support/fables.js';
import { BUILDS } from '../support/relaxed.js';

/** Rounding grows with the steps, as each begins with the weights of the one before. */
const TOLERANCE = 1e-3;

function assertNear(got: number, want: number, what: string): void {
  const error = Math.abs(got - want) / Math.abs(want);
  assert.ok(error <= TOLERANCE, `${what}: ${got}, PyTorch has ${want}, relative difference ${error}`);
}

/** Steps after which the run of a build that differs in rounding alone is ended. */
const SOME_STEPS = 15;

for (const build of BUILDS) {
  test(`${build}: a fine-tune on fables goes as PyTorch's does`, async () => {
    const data = readDocuments(await dataFiles([DATA]));
    const trainer = await Trainer.create({ ...SETTINGS, model: MODEL, data, build, evaluateEvery: 1000 });
    const [before, after] = EXPECTED.heldOut;
    assertNear((await trainer.evaluate())!, before, 'held-out loss before');
    let held: number | undefined;
    for await (const { step, loss, gradNorm, validationLoss } of trainer) {
      assertNear(loss, EXPECTED.losses[step - 1]!, `loss of step ${step}`);
      assertNear(gradNorm, EXPECTED.gradientNorms[step - 1]!, `gradient norm of step ${step}`);
      held = validationLoss;
      if (build !== 'simd' && step === SOME_STEPS) break;
    }
    if (build !== 'simd') {
      assert.is(trainer.step, SOME_STEPS);
      trainer.dispose();
      return;
    }
    assert.is(trainer.step, EXPECTED.losses.length);
    assertNear(Math.exp(held!), Math.exp(after), 'held-out perplexity');
    assert.ok(
      Math.exp(held!) < Math.exp(before) / 2,
      `perplexity ${Math.exp(before)}, then ${Math.exp(held!)}`,
    );
    trainer.dispose();
  });
}

test.run();
