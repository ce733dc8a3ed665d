import type { ModelConfig } from './config.js';

/**
 * One weight the core wants, by its Hugging Face name without `transformer.`.
 *
 * `kind` says how the stored rows are packed: `vector` [C] and `rows` [T, C] are kept in order,
 * `conv1d` is [in, out] and `linear` is [out, in]; both become the core's column panels.
 */
export interface Parameter {
  /** As Hugging Face's `GPT2Model` names it, `h.0.attn.c_attn.weight`. */
  readonly name: string;
  /** How its rows are stored and packed. */
  readonly kind: 'vector' | 'rows' | 'conv1d' | 'linear';
  /** One length, or rows and columns. */
  readonly shape: readonly number[];
}

/**
 * Rows of a parameter that packing needs together: a group begins at a multiple of this, and only the last
 * may be shorter.
 */
export function rowGroup(kind: Parameter['kind']): number {
  return kind === 'conv1d' ? 32 : 1;
}

/** Every weight of the model, in the order in which the core lays them out. */
export function modelParameters(config: ModelConfig): Parameter[] {
  const { vocabSize, contextLength, channels, innerChannels } = config;
  const parameters: Parameter[] = [
    { name: 'wte.weight', kind: 'linear', shape: [vocabSize, channels] },
    { name: 'wpe.weight', kind: 'rows', shape: [contextLength, channels] },
  ];
  for (let layer = 0; layer < config.layers; layer++) {
    const vector = (name: string, length: number) =>
      parameters.push({ name: `h.${layer}.${name}`, kind: 'vector', shape: [length] });
    const conv1d = (name: string, inSize: number, outSize: number) => {
      parameters.push({ name: `h.${layer}.${name}.weight`, kind: 'conv1d', shape: [inSize, outSize] });
      vector(`${name}.bias`, outSize);
    };
    vector('ln_1.weight', channels);
    vector('ln_1.bias', channels);
    conv1d('attn.c_attn', channels, 3 * channels);
    conv1d('attn.c_proj', channels, channels);
    if (config.crossAttention) {
      vector('ln_cross_attn.weight', channels);
      vector('ln_cross_attn.bias', channels);
      conv1d('crossattention.c_attn', channels, 2 * channels);
      conv1d('crossattention.c_proj', channels, channels);
      conv1d('crossattention.q_attn', channels, channels);
    }
    vector('ln_2.weight', channels);
    vector('ln_2.bias', channels);
    conv1d('mlp.c_fc', channels, innerChannels);
    conv1d('mlp.c_proj', innerChannels, channels);
  }
  parameters.push({ name: 'ln_f.weight', kind: 'vector', shape: [channels] });
  parameters.push({ name: 'ln_f.bias', kind: 'vector', shape: [channels] });
  if (!config.tiedHead)
    parameters.push({ name: 'lm_head.weight', kind: 'linear', shape: [headRows(config), channels] });
  return parameters;
}

/** Logits of a row: one for each token, or each class. */
export const headRows = ({ classes, vocabSize }: ModelConfig): number => classes ?? vocabSize;

/** Numbers in all weights together; a tied head counts once. */
export function parameterCount(config: ModelConfig): number {
  return numberCount(modelParameters(config));
}

export function numberCount(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size), 0);
}
