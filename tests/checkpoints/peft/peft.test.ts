import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { loadModel } from '../../../src/model/load_model.js';
import { decodeExpected } from '../../support/checkpoints.js';
import { assertLogits } from '../../support/logits.js';

/** A model, and adapters of it that PEFT wrote, each with the logits that PyTorch computed. */
const FIXTURES = fileURLToPath(new URL('../../fixtures/peft', import.meta.url));
const OPTIONS = { build: 'simd', threads: 1 } as const;

test('an adapter of rank-stabilized LoRA is scaled by alpha / sqrt(rank), merged or beside the weights', async () => {
  const plain = decodeExpected(`${FIXTURES}/base/expected.json`);
  const expected = decodeExpected(`${FIXTURES}/lora-rslora/expected.json`);
  const base = await loadModel(`${FIXTURES}/base`, OPTIONS);
  assertLogits(await base.logits(expected.input_ids), plain.logits);
  const beside = await base.withAdapters([`${FIXTURES}/lora-rslora`]);
  assertLogits(await beside.logits(expected.input_ids), expected.logits);
  const merged = await loadModel(`${FIXTURES}/base`, {
    ...OPTIONS,
    adapters: [`${FIXTURES}/lora-rslora`],
  });
  assertLogits(await merged.logits(expected.input_ids), expected.logits);
  for (const model of [base, merged]) model.dispose();
});

test.run();
