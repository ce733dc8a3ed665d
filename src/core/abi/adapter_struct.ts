import { ADAPTERS, ATTN, FC, OUT, PROJ } from '../../../assembly/abi.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { LORA_TARGETS, targetParameters } from '../../architecture/gpt2/lora.js';
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

const ADAPTER_PLACES: Record<(typeof LORA_TARGETS)[number], number> = {
  'attn.c_attn': ATTN,
  'attn.c_proj': PROJ,
  'mlp.c_fc': FC,
  'mlp.c_proj': OUT,
};

/** Bytes of the array of adapters, ADAPTERS for each layer, and of two MATRIX for each. */
export function adaptersBytes({ layers }: ModelConfig): number {
  return layers * ADAPTERS * (structBytes(ADAPTER) + 2 * structBytes(MATRIX));
}

/** Writes the ADAPTER of a matrix [K, N] at `at` and its two MATRIX at `matrices`; without one, zeros. */
export function writeAdapter(
  view: DataView,
  at: number,
  matrices: number,
  adapter: (AdapterAddresses & { readonly K: number; readonly N: number }) | undefined,
): void {
  if (adapter === undefined) {
    writeStruct(view, at, ADAPTER, { a: 0, b: 0, xa: 0 });
    return;
  }
  const { K, N, rank, xa } = adapter;
  const b = matrices + structBytes(MATRIX);
  writeStruct(view, matrices, MATRIX, { weight: adapter.a, bias: 0, K, N: rank });
  writeStruct(view, b, MATRIX, { weight: adapter.b, bias: 0, K: rank, N });
  writeStruct(view, at, ADAPTER, { a: matrices, b, xa });
}

/** Writes the array of adapters; `adapterOf` gives the adapter of a matrix by the name of its weight. */
export function writeAdapters(
  view: DataView,
  address: number,
  config: ModelConfig,
  adapterOf: (name: string) => AdapterAddresses | undefined,
): void {
  const matrices = address + config.layers * ADAPTERS * structBytes(ADAPTER);
  const shapes = new Map(targetParameters(config, LORA_TARGETS).map(({ name, shape }) => [name, shape]));
  for (let layer = 0; layer < config.layers; layer++) {
    for (const [target, place] of Object.entries(ADAPTER_PLACES)) {
      const name = `h.${layer}.${target}.weight`;
      const [K, N] = shapes.get(name) as [number, number];
      const adapter = adapterOf(name);
      const at = ADAPTERS * layer + place;
      const fields = adapter && { ...adapter, K, N };
      writeAdapter(
        view,
        address + structBytes(ADAPTER) * at,
        matrices + 2 * structBytes(MATRIX) * at,
        fields,
      );
    }
  }
}
