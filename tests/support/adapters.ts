import type { ModelConfig } from '../../src/architecture/gpt2/config.js';
import { type LoraAdapter, type LoraTarget, targetParameters } from '../../src/architecture/gpt2/lora.js';
import { randomSource } from './random.js';

/** An adapter of large random numbers. */
export function randomAdapter(
  config: ModelConfig,
  seed: number,
  rank: number,
  targets: readonly LoraTarget[],
): LoraAdapter {
  const random = randomSource(seed);
  const draw = (length: number) => Float32Array.from({ length }, () => random.uniform() - 0.5);
  const pairs = targetParameters(config, targets).map(({ name, shape: [K, N] }) => {
    const [a, b] = [draw(rank * K!), draw(N! * rank)];
    return [name, { name, K: K!, N: N!, rank, scale: 3 / rank, a, b }] as const;
  });
  return { rank, alpha: 3, targets, pairs: new Map(pairs) };
}
