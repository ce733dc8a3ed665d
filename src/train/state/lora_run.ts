import type { LoraAdapter, LoraPair, LoraShape } from '../../architecture/gpt2/lora.js';
import { loraSlots, targetSlots } from '../../architecture/gpt2/lora.js';
import type { WeightSlot } from '../../architecture/gpt2/parameters.js';
import { threefry2x32 } from '../../base/random.js';
import type { TrainCore } from '../../core/training/train_core.js';

/**
 * Fills in an adapter that changes nothing yet, as PEFT does: A is uniform within 1 / sqrt(inputs) of 0 (He et al. 2015
 * with the slope sqrt(5)), B is 0.
 */
export function initializeAdapter(core: TrainCore, seed: number): void {
  core.slots.forEach((slot, index) => {
    const [rows, columns] = slot.shape as [number, number];
    const values = new Float32Array(rows * columns);
    if (slot.name.includes('lora_A')) {
      const bound = 1 / Math.sqrt(columns);
      values.forEach((_, i) => {
        const [bits] = threefry2x32([seed, index], [i, 0]);
        values[i] = bound * ((bits + 0.5) / 2 ** 31 - 1);
      });
    }
    core.write('weights', slot, values);
  });
}

/** The adapter that a core trains; `valuesOf` gives the numbers of its slots. */
export function trainedAdapter(
  { config }: TrainCore,
  { rank, alpha, targets }: LoraShape,
  valuesOf: (slot: WeightSlot) => Float32Array<ArrayBuffer>,
): LoraAdapter {
  const pairs = targetSlots(config, targets).map((slot): [string, LoraPair] => {
    const { a, b } = loraSlots(slot, rank);
    const [K, N] = slot.shape as [number, number];
    return [slot.name, { name: slot.name, K, N, rank, scale: alpha / rank, a: valuesOf(a), b: valuesOf(b) }];
  });
  return { rank, alpha, targets, pairs: new Map(pairs) };
}

/** A number that other base weights hardly have: FNV-1a over the first row of each. */
export function fingerprintBase(core: TrainCore): number {
  let hash = 0x811c9dc5;
  for (const slot of core.frozen) {
    const { buffer } = core.read('weights', slot, 0, 1);
    for (const word of new Int32Array(buffer)) hash = Math.imul(hash ^ word, 0x01000193);
  }
  return hash >>> 0;
}
