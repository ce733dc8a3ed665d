import { Trainer } from '../../../../build/esm/train.js';

/** More than are ever computed, as the trainer ends after its last step. */
const STEPS = 1e6;

export async function load({ folder, build, threads, isLora, ids, batch, length, settings, ...row }) {
  const { hasTeacher, optimizer, quantize, recompute } = row;
  const trainer = await Trainer.create({
    ...{ model: folder, build, threads, batchSize: batch, contextLength: length, steps: STEPS },
    ...{ ...settings, schedule: 'constant', warmup: 0, validation: 0, data: oneDocument(ids) },
    ...(isLora && { lora: {} }),
    ...(hasTeacher && { teachers: [folder] }),
    ...{ optimizer, quantize },
    ...(recompute && { recompute }),
  });
  const steps = trainer[Symbol.asyncIterator]();
  return {
    version: process.version,
    step: async () => (await steps.next()).value.loss,
  };
}

/** The text between the ends of text, which the trainer adds: its rows are then those of `ids`. */
function oneDocument(ids) {
  const tokens = Int32Array.from(ids.slice(1, -1));
  return { tokens, starts: Int32Array.of(0), ends: Int32Array.of(tokens.length), learned: Int32Array.of(0) };
}
