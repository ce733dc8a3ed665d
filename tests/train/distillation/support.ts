import type { Batch } from '../../../src/core/training/batch.js';
import type { WeightFormat } from '../../../src/dtypes/weight_formats.js';
import { withTeachers } from '../../../src/train/distillation/open_teachers.js';
import { Teacher } from '../../../src/train/distillation/teacher.js';
import { split } from '../../checkpoints/support.js';
import { LiteralGpt2 } from '../../support/literal_gpt2.js';
import { randomSource } from '../../support/random.js';
import { randomFiles } from '../../support/random_core.js';
import { memorySource } from '../../support/sources.js';

/** The files of two small teachers of different shapes. */
export const TEACHER_FILES = [
  await randomFiles({ channels: 16, heads: 2, layers: 1, innerChannels: 24 }, 21),
  await randomFiles({ channels: 12, heads: 1, layers: 2, innerChannels: 20 }, 22),
];

/** Their weights, by the names of the parameters. */
export const TEACHER_WEIGHTS = TEACHER_FILES.map((files) => {
  const { header, data } = split(files['model.safetensors']!);
  return new Map(
    Object.entries(header).map(([name, { data_offsets }]) => {
      const bytes = Uint8Array.from(data.subarray(...data_offsets));
      return [name.replace('transformer.', ''), new Float32Array(bytes.buffer)];
    }),
  );
});

/** Their sources. */
export const TEACHERS = TEACHER_FILES.map((files, i) => memorySource(`teacher ${i}`, files));

/** The same models in double precision. */
export const literalTeachers = () => TEACHER_FILES.map((files) => new LiteralGpt2(files));

/** Uses some of them, loaded, and disposes them. */
export async function withLoadedTeachers<R>(
  count: number,
  { weights = 'f32', threads = 1 }: { readonly weights?: WeightFormat; readonly threads?: number },
  use: (teachers: readonly Teacher[]) => Promise<R>,
): Promise<R> {
  return withTeachers(TEACHERS.slice(0, count), {}, async (opened) => {
    const cores = [];
    for (const teacher of opened) cores.push(await teacher.load({ build: 'simd', threads, weights }));
    try {
      return await use(cores.map((core) => new Teacher(core)));
    } finally {
      for (const core of cores) core.dispose();
    }
  });
}

/** Softmax of logits in double precision. */
export function softmax(logits: Float64Array): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const exps = logits.map((logit) => Math.exp(logit - largest));
  const sum = exps.reduce((a, b) => a + b);
  return exps.map((exp) => exp / sum);
}

/** The mean of the distributions of models after some tokens. */
export function meanDistribution(models: readonly LiteralGpt2[], tokens: readonly number[]): Float64Array {
  const all = models.map((model) => softmax(model.logits(tokens)));
  return all[0]!.map((_, i) => all.reduce((sum, one) => sum + one[i]!, 0) / all.length);
}

/** A batch of random tokens, of which about a third have no target; V is the vocabulary. */
export function someBatch(seed: number, V: number, batch: number, length: number): Batch {
  const random = randomSource(seed);
  const draw = () => Array.from({ length: batch * length }, () => random.below(V));
  return { batch, length, tokens: draw(), targets: draw().map((id) => (random.below(3) ? id : -1)) };
}
