/** The parts of PEFT's layers, as the names of their tensors call them. */
const PARTS =
  'lora_A|lora_B|lora_embedding_A|lora_embedding_B|lora_magnitude_vector|lora_E|ia3_l|hada_w1_a|hada_w1_b|hada_w2_a|' +
  'hada_w2_b|lokr_w1|lokr_w1_a|lokr_w1_b|lokr_w2|lokr_w2_a|lokr_w2_b|(?:token_adapter\\.)?trainable_tokens_delta';

const PART = new RegExp(`^(.+?)\\.(${PARTS})(?:\\.([^.]+?))?(?:\\.(weight|bias))?$`);
/** A parameter that is stored whole: the layer in a wrapper of PEFT, or a layer without one. */
const WHOLE =
  /^(.+?)(?:\.(?:base_layer|ln_tuning_layers(?:\.[^.]+)?|modules_to_save(?:\.default)?))?\.(weight|bias)$/;

/** The name of a tensor in an adapter's file, in its parts. */
export interface TensorName {
  /** The module's name in the base model. */
  readonly module: string;
  /** The part of PEFT's layer, `lora_A`; undefined if the tensor is a parameter of the module itself. */
  readonly part: string | undefined;
  readonly leaf: 'weight' | 'bias';
  /** The adapter's own name, if the tensor's name has it. */
  readonly adapter: string | undefined;
  /** Whether it is the parameter of a layer that PEFT has wrapped. */
  readonly isBase: boolean;
}

/** Parses a tensor's name, with or without PEFT's prefix and the adapter's own name. */
export function parseTensorName(stored: string): TensorName | undefined {
  const name = stored.replace(
    /^(?:(?:_orig_mod|module)\.)*(?:base_model\.model\.)?(?:(?:_orig_mod|module)\.)*/,
    '',
  );
  const part = PART.exec(name);
  if (part !== null) {
    const [, module, kind, middle, end] = part;
    const isLeaf = middle === 'weight' || middle === 'bias';
    const leaf = (end ?? (isLeaf ? middle : 'weight')) as 'weight' | 'bias';
    const adapter = isLeaf && end === undefined ? undefined : middle;
    return { module: module!, part: kind!.replace('token_adapter.', ''), leaf, adapter, isBase: false };
  }
  const whole = WHOLE.exec(name);
  if (whole === null) return undefined;
  const [, module, leaf] = whole;
  return {
    ...{ module: module!, part: undefined, leaf: leaf as 'weight' | 'bias', adapter: undefined },
    isBase: name.includes('.base_layer.'),
  };
}
