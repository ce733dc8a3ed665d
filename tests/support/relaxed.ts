import v8 from 'node:v8';
import { supportsRelaxedSimd } from '../../src/core/binary.js';

// Node 20 has relaxed SIMD behind a flag; with it, both builds are tested everywhere.
if (!supportsRelaxedSimd()) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');

export const BUILDS = ['simd', 'relaxed'] as const;
