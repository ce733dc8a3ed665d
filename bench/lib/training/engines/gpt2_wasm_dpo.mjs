import { PreferenceTrainer } from '../../../../build/esm/train.js';

/** More than are ever computed, as the trainer ends after its last step. */
const STEPS = 1e6;
/** Tokens of a prompt; the rest of a row is the answer. */
const PROMPT = 64;

/** DPO on batch / 2 pairs: as many rows of `length` tokens as other engines have. */
export async function load({ folder, build, threads, isLora, ids, batch, length, settings }) {
  const row = (i) => ids.slice(i * length, (i + 1) * length + 1);
  const data = Array.from({ length: batch / 2 }, (_, i) => ({
    prompt: row(2 * i).slice(0, PROMPT),
    chosen: row(2 * i).slice(PROMPT),
    rejected: row(2 * i + 1).slice(PROMPT),
  }));
  const trainer = await PreferenceTrainer.create({
    ...{ model: folder, build, threads, batchSize: batch / 2, contextLength: length, steps: STEPS },
    ...{ ...settings, schedule: 'constant', warmup: 0, validation: 0, data },
    ...(isLora && { lora: {} }),
  });
  const steps = trainer[Symbol.asyncIterator]();
  return {
    version: process.version,
    step: async () => (await steps.next()).value.loss,
  };
}
