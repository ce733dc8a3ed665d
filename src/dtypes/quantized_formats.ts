import type { QuantizedFormat } from './weight_formats.js';

/** The formats with a scale for every BLOCK weights. */
export const QUANTIZED_FORMATS: readonly QuantizedFormat[] = ['q8', 'q4'];
