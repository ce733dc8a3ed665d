import v8 from 'node:v8';

// A module of one function, f32x4.relaxed_madd of three zeros: Node 20 has it only behind a flag, and gets the 8-bit
// dot product wrong in its baseline compiler.
const RELAXED_MADD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 17, 65, 0,
  253, 17, 65, 0, 253, 17, 253, 133, 2, 11,
];

if (!WebAssembly.validate(new Uint8Array(RELAXED_MADD))) {
  v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  v8.setFlagsFromString('--no-liftoff');
}

export default {
  entries: process.env.SPECS?.split(',') ?? ['assembly/__tests__/**/*.spec.ts'],
  include: [],
  async instantiate(memory, createImports, instantiate, binary) {
    return instantiate(binary, createImports({ env: { memory } }));
  },
};
