import { matrixSizes } from '../../../architecture/gpt2/lora.js';
import type { AdapterBuilder } from '../adapter_builder.js';
import type { AdapterTensors } from '../adapter_tensors.js';
import { Scaled } from '../changes/scaled.js';
import { findBias } from './bias_of.js';

/** IA3 (Liu et al. 2022): factors of a matrix's outputs, or of the inputs of a feed-forward one. */
export async function readIa3(tensors: AdapterTensors, builder: AdapterBuilder): Promise<void> {
  for (const module of tensors.modules) {
    const { parameter } = module;
    const [K, N] = matrixSizes(parameter);
    const { ia3_l: stored } = tensors.partsOf(module, ['ia3_l']);
    const ofInputs = stored.shape[0] === 1 && N !== 1;
    const factors = await tensors.read(stored, ofInputs ? [1, K] : [N, 1]);
    const change = new Scaled(factors, ofInputs ? 'inputs' : 'outputs');
    builder.add(parameter.name, change);
    const bias = findBias(tensors, parameter);
    if (!ofInputs && bias !== undefined) builder.add(bias.name, change);
  }
}
