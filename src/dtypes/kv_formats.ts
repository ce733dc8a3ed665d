import { KV_F16, KV_F32, KV_Q8 } from '../../assembly/abi.js';
import { invalidOption, quotedList } from '../base/check_options.js';
import type { WeightFormat } from './weight_formats.js';

/**
 * How keys and values are kept in memory: 32-bit floats, 16-bit floats, or 8 bits with a scale (a 16-bit
 * float) for the keys and one for the values of each position and head.
 */
export type KvFormat = 'f32' | 'f16' | 'q8';

/** The number that stands for each format in the core. */
export const KV_CODES: Readonly<Record<KvFormat, number>> = { f32: KV_F32, f16: KV_F16, q8: KV_Q8 };

export const KV_FORMATS = Object.keys(KV_CODES) as readonly KvFormat[];

/** Throws `invalid-option` unless `format` is undefined, 'auto' or a format. */
export function checkKvFormat(format: unknown): void {
  if (format !== undefined && format !== 'auto' && !KV_FORMATS.includes(format as KvFormat)) {
    throw invalidOption('kvCache', format, quotedList(['auto', ...KV_FORMATS]));
  }
}

/**
 * The format to use: the requested one, or for `auto` the smallest that changes less than the weights' own
 * format does.
 */
export function chooseKvFormat(wish: 'auto' | KvFormat, weights: WeightFormat): KvFormat {
  if (wish !== 'auto') return wish;
  return weights === 'f32' ? 'f32' : 'q8';
}
