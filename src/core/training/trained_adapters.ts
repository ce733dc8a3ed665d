import { ATTN, FC, OUT, PROJ } from '../../../assembly/abi.js';
import {
  CROSS_KEYS,
  CROSS_PROJ,
  CROSS_QUERY,
  QUERY,
  TRAINED_ADAPTERS,
} from '../../../assembly/training/abi.js';
import { ADAPTER, type AdapterAddresses, writeAdapter } from '../abi/adapter_struct.js';
import { MATRIX } from '../abi/model_struct.js';
import { structBytes } from '../abi/struct.js';

/** Places of a layer's adapters by the names of their matrices, after `h.0.` or `encoder.layer.0.`. */
const PLACES: ReadonlyMap<string, number> = new Map([
  ['attn.c_attn', ATTN],
  ['attn.c_proj', PROJ],
  ['mlp.c_fc', FC],
  ['mlp.c_proj', OUT],
  ['crossattention.q_attn', CROSS_QUERY],
  ['crossattention.c_attn', CROSS_KEYS],
  ['crossattention.c_proj', CROSS_PROJ],
  ['attention.attention.query', QUERY],
  ['attention.attention.key', QUERY + 1],
  ['attention.attention.value', QUERY + 2],
  ['attention.output.dense', PROJ],
  ['intermediate.dense', FC],
  ['output.dense', OUT],
]);

/** An adapter of a matrix [K, N] and its place. */
export interface PlacedAdapter extends AdapterAddresses {
  /** The name of the matrix's weight. */
  readonly name: string;
  readonly K: number;
  readonly N: number;
}

/** Bytes of the array of adapters of all layers, and of two MATRIX for each. */
export function adapterArrayBytes(layers: number): number {
  return layers * TRAINED_ADAPTERS * (structBytes(ADAPTER) + 2 * structBytes(MATRIX));
}

/** Writes those of the adapters that belong to a stack, `h` or `encoder.layer`, to the array at `address`. */
export function writeAdapterArray(
  view: DataView,
  address: number,
  stack: 'h' | 'encoder.layer',
  layers: number,
  adapters: readonly PlacedAdapter[],
): void {
  const matrices = address + layers * TRAINED_ADAPTERS * structBytes(ADAPTER);
  for (const adapter of adapters) {
    const [, own, layer, name] = /^(h|encoder\.layer)\.(\d+)\.(.+)\.weight$/.exec(adapter.name)!;
    if (own !== stack) continue;
    const place = TRAINED_ADAPTERS * Number(layer) + PLACES.get(name!)!;
    const at = address + structBytes(ADAPTER) * place;
    writeAdapter(view, at, matrices + 2 * structBytes(MATRIX) * place, adapter);
  }
}
