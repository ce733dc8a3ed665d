import v8 from 'node:v8';
import { supportsRelaxedSimd } from '../../src/core/binary.js';

// Node 20 has relaxed SIMD behind a flag; with it, both builds are tested everywhere. Its baseline compiler
// gets the 8-bit dot product wrong, the optimizing one does not.
if (!supportsRelaxedSimd()) {
  v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  v8.setFlagsFromString('--no-liftoff');
}

export const BUILDS = ['simd', 'relaxed'] as const;
