const BUILDS = ['simd', 'relaxed'];

const own = (size, threads) =>
  BUILDS.map((build) => ({ engine: 'gpt2-wasm', module: 'gpt2_wasm', build, size, threads }));
/** An adapter of rank 8 at c_attn: the weights themselves are not learned. */
const lora = (size, threads) => ({
  ...{ engine: 'gpt2-wasm LoRA', module: 'gpt2_wasm', build: 'relaxed', size, threads, isLora: true },
});
/** Muon for the matrices of the layers. */
const muon = (size, threads) => ({
  ...{ engine: 'gpt2-wasm Muon', module: 'gpt2_wasm', build: 'relaxed', size, threads, optimizer: 'muon' },
});
/** All weights learn from a teacher of the same shape in q8. */
const distillation = (size, threads) => ({
  ...{ engine: 'gpt2-wasm distillation', module: 'gpt2_wasm', build: 'relaxed' },
  ...{ size, threads, hasTeacher: true },
});
/** DPO of such an adapter on B / 2 pairs of answers, which have B rows. */
const dpo = (size, threads) => ({
  ...{ ...lora(size, threads), engine: 'gpt2-wasm DPO, LoRA', module: 'gpt2_wasm_dpo' },
});
/** The same beside weights in 4 bits, without and with activations that are computed again. */
const qlora = (size, threads) =>
  [false, true].map((recompute) => ({
    ...{ ...lora(size, threads), quantize: 'q4', recompute },
    engine: `gpt2-wasm QLoRA${recompute ? ', recompute' : ''}`,
  }));
const pytorch = (size, threads) => ({ engine: 'PyTorch', module: 'pytorch', size, threads });
// In Node its wasm backend has no threads.
const tensorflow = (size, threads) => ({ engine: 'TensorFlow.js', module: 'tensorflow_js', size, threads });

/** Runs that live side by side: they have the same shape, B and number of threads. */
export const GROUPS = [
  {
    batch: 4,
    runs: [
      ...own('124M', 1),
      lora('124M', 1),
      dpo('124M', 1),
      distillation('124M', 1),
      muon('124M', 1),
      ...qlora('124M', 1),
      pytorch('124M', 1),
      tensorflow('124M', 1),
    ],
  },
  {
    batch: 4,
    runs: [...own('124M', 2), lora('124M', 2), muon('124M', 2), ...qlora('124M', 2), pytorch('124M', 2)],
  },
  {
    batch: 1,
    runs: [...own('1M', 1), muon('1M', 1), distillation('1M', 1), pytorch('1M', 1), tensorflow('1M', 1)],
  },
];

export function label({ engine, build, size, threads }) {
  return [engine, build, size, `${threads} thread${threads === 1 ? '' : 's'}`].filter(Boolean).join(', ');
}
