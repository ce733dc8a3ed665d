import { ADAPTERS, ATTN, FC, OUT, PROJ } from '../../../assembly/abi.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { LORA_TARGETS, type LoraTarget, targetParameters } from '../../architecture/gpt2/lora.js';
import { MATRIX } from './model_struct.js';
import { type StructLayout, structBytes, writeStruct } from './struct.js';

/** A low-rank change of one matrix: addresses of the MATRIX of A and of B, and of the buffer for x . A. */
export const ADAPTER = { a: 'u32', b: 'u32', xa: 'u32' } as const satisfies StructLayout;

/** Addresses of the panels of A [K, rank] and B [rank, N] and of the buffer for x . A. */
export interface AdapterAddresses {
  readonly a: number;
  readonly b: number;
  readonly rank: number;
  readonly xa: number;
}

const ADAPTER_PLACES: Record<LoraTarget, number> = {
  'attn.c_attn': ATTN,
  'attn.c_proj': PROJ,
  'mlp.c_fc': FC,
  'mlp.c_proj': OUT,
};

/** Bytes of the array of adapters, ADAPTERS for each layer, and of two MATRIX for each. */
export function adaptersBytes({ layers }: ModelConfig): number {
  return layers * ADAPTERS * (structBytes(ADAPTER) + 2 * structBytes(MATRIX));
}

/** Writes the array of adapters; `adapterOf` gives the adapter of a matrix by the name of its weight. */
export function writeAdapters(
  view: DataView,
  address: number,
  config: ModelConfig,
  adapterOf: (name: string) => AdapterAddresses | undefined,
): void {
  let matrices = address + config.layers * ADAPTERS * structBytes(ADAPTER);
  const writeMatrix = (weight: number, K: number, N: number) => {
    const at = matrices;
    writeStruct(view, at, MATRIX, { weight, bias: 0, K, N });
    matrices += structBytes(MATRIX);
    return at;
  };
  const shapes = new Map(targetParameters(config, LORA_TARGETS).map(({ name, shape }) => [name, shape]));
  for (let layer = 0; layer < config.layers; layer++) {
    for (const [target, place] of Object.entries(ADAPTER_PLACES)) {
      const name = `h.${layer}.${target}.weight`;
      const [K, N] = shapes.get(name) as [number, number];
      const adapter = adapterOf(name);
      writeStruct(view, address + structBytes(ADAPTER) * (ADAPTERS * layer + place), ADAPTER, {
        a: adapter === undefined ? 0 : writeMatrix(adapter.a, K, adapter.rank),
        b: adapter === undefined ? 0 : writeMatrix(adapter.b, adapter.rank, N),
        xa: adapter?.xa ?? 0,
      });
    }
  }
}
