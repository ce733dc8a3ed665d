import { matrixSizes } from '../../../architecture/gpt2/lora.js';
import { Gpt2Error } from '../../../base/errors.js';
import type { AdapterBuilder } from '../adapter_builder.js';
import type { AdapterTensors } from '../adapter_tensors.js';

/** PEFT divides by the rank and this. */
const EPSILON = 1e-5;

/**
 * AdaLoRA (Zhang et al. 2023): A diag(E) B with singular values E, of which only those are stored that the budget
 * left.
 */
export async function readAdaLora(tensors: AdapterTensors, builder: AdapterBuilder): Promise<void> {
  const { fields, where } = tensors;
  const { init_r: first, lora_alpha: alpha } = fields;
  if (!Number.isSafeInteger(first) || (first as number) < 1 || !Number.isFinite(alpha)) {
    throw new Gpt2Error('invalid-file', `${where} must have a rank init_r, from 1, and a number lora_alpha`);
  }
  const ranks = first as number;
  const scale = ((alpha as number) > 0 ? (alpha as number) : ranks) / (ranks + EPSILON);
  for (const module of tensors.modules) {
    const { parameter } = module;
    const [K, N] = matrixSizes(parameter);
    const parts = tensors.partsOf(module, ['lora_A', 'lora_B', 'lora_E']);
    const rank = Math.min(ranks, parts.lora_A.shape[0] ?? 0);
    const a = await tensors.read(parts.lora_A, [rank, K]);
    const b = await tensors.read(parts.lora_B, [N, rank]);
    const values = await tensors.read(parts.lora_E, [rank, 1]);
    if (rank === 0) continue;
    for (let i = 0; i < a.length; i++) a[i]! *= values[Math.floor(i / K)]!;
    builder.addPair({ name: parameter.name, K, N, rank, scale, a, b });
  }
}
