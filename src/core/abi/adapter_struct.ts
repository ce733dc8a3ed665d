import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { LORA_TARGETS } from '../../architecture/gpt2/lora.js';

/** The fields of assembly/model.ts's Adapter: addresses, but for the rank. */
export interface AdapterFields {
  readonly a: number;
  readonly b: number;
  readonly rank: number;
  readonly low: number;
}

/** Bytes of the adapters' array: one for each of four matrices of a layer. */
export function adaptersBytes({ layers }: ModelConfig): number {
  return 16 * LORA_TARGETS.length * layers;
}

/** Fills in the array of adapters at `at`; `adapterOf` is asked by the names of the matrices. */
export function writeAdapters(
  view: DataView,
  at: number,
  { layers }: ModelConfig,
  adapterOf: (name: string) => AdapterFields | undefined,
): void {
  for (let layer = 0; layer < layers; layer++) {
    LORA_TARGETS.forEach((target, place) => {
      const { a = 0, b = 0, rank = 0, low = 0 } = adapterOf(`h.${layer}.${target}.weight`) ?? {};
      const offset = at + 16 * (LORA_TARGETS.length * layer + place);
      [a, b, rank, low].forEach((value, i) => void view.setUint32(offset + 4 * i, value, true));
    });
  }
}
