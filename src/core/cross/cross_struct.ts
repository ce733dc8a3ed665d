import { PAGE } from '../../../assembly/abi.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { MATRIX } from '../abi/model_struct.js';
import { type StructLayout, structBytes, writeStruct } from '../abi/struct.js';
import { BATCH_ROWS } from '../layout.js';

/** Addresses of a layer's weights and of its three MATRIX. */
export const CROSS_LAYER = {
  lnWeight: 'u32',
  lnBias: 'u32',
  query: 'u32',
  keysAndValues: 'u32',
  proj: 'u32',
} as const satisfies StructLayout;

/** Cross-attention of a model, and the fields of the job `remember`. */
export const CROSS = {
  layerArray: 'u32',
  pages: 'u32',
  start: 'u32',
  rows: 'u32',
  firstLayer: 'u32',
  endLayer: 'u32',
} as const satisfies StructLayout;

/** Addresses of the array of a memory's pages and, or 0, of room for the weights of its states. */
export const MEMORY = { pages: 'u32', states: 'u32', patterns: 'u32' } as const satisfies StructLayout;

/** Most states of a memory: 128 pages. */
export const MOST_STATES = 16_384;

/** Bytes of a MEMORY and its array of pages. */
const MEMORY_BYTES = structBytes(MEMORY) + 4 * (MOST_STATES / PAGE);
const LAYER_BYTES = structBytes(CROSS_LAYER) + 3 * structBytes(MATRIX);

/** Addresses that cross-attention needs. */
export interface CrossAddresses {
  /** Room for `crossBytes`. */
  readonly cross: number;
  readonly x: number;
  /** Address of a parameter. */
  weight(name: string): number;
}

/** Bytes of a CROSS, each layer's CROSS_LAYER and three MATRIX, and a MEMORY with its pages for each row of a batch. */
export function crossBytes({ layers }: ModelConfig): number {
  return structBytes(CROSS) + layers * LAYER_BYTES + BATCH_ROWS * MEMORY_BYTES;
}

/** The address of the MEMORY of run `index` in a batch; its array of pages follows it. */
export function memoryAddress({ layers }: ModelConfig, cross: number, index: number): number {
  return cross + structBytes(CROSS) + layers * LAYER_BYTES + index * MEMORY_BYTES;
}

/** Writes the structures. */
export function writeCross(view: DataView, config: ModelConfig, addresses: CrossAddresses): void {
  const { cross: address, weight } = addresses;
  const { channels, layers } = config;
  const layerArray = address + structBytes(CROSS);
  writeStruct(view, address, CROSS, { layerArray });
  let end = layerArray + layers * structBytes(CROSS_LAYER);
  for (let layer = 0; layer < layers; layer++) {
    const matrix = (name: string, N: number) => {
      const parameter = (kind: string) => weight(`h.${layer}.crossattention.${name}.${kind}`);
      const fields = { weight: parameter('weight'), bias: parameter('bias'), K: channels, N };
      writeStruct(view, end, MATRIX, fields);
      end += structBytes(MATRIX);
      return end - structBytes(MATRIX);
    };
    writeStruct(view, layerArray + layer * structBytes(CROSS_LAYER), CROSS_LAYER, {
      lnWeight: weight(`h.${layer}.ln_cross_attn.weight`),
      lnBias: weight(`h.${layer}.ln_cross_attn.bias`),
      query: matrix('q_attn', channels),
      keysAndValues: matrix('c_attn', 2 * channels),
      proj: matrix('c_proj', channels),
    });
  }
}
