import type { EncoderConfig } from '../../architecture/vit/config.js';
import { CONFIG_FILE } from '../huggingface/file_names.js';
import type { StoredModel } from '../stored_model.js';

const DECODER = 'decoder.';
const ENCODER = 'encoder.';
/** Brings the encoder's states to the decoder's width; it has the prefix of neither. */
const PROJECTION = 'enc_to_dec_proj.';

/**
 * Tensors of the encoder that have no part in its states: the pooler, and the vector of masked patches in
 * training.
 */
const UNUSED = /^(?:pooler\.|embeddings\.mask_token$)/;

/** Whether a tensor belongs to the decoder; all others are the encoder's. */
export const isDecoders = ({ name }: { readonly name: string }) => name.startsWith(DECODER);

/** A GPT-2 as the decoder of a captioner. */
export function asDecoder(gpt2: StoredModel): StoredModel {
  const inside = (name: string | undefined) => (name === undefined ? undefined : DECODER + name);
  return {
    ...gpt2,
    config: `decoder in ${gpt2.config}`,
    layersField: `n_layer of decoder in ${gpt2.config}`,
    layerPrefix: DECODER + gpt2.layerPrefix,
    canonicalName: (stored) => inside(gpt2.canonicalName(stored.slice(DECODER.length))),
    nameOf: (parameter) => DECODER + gpt2.nameOf(parameter),
  };
}

/** How the encoder of a captioner is stored in the files of `source`. */
export function storedEncoder(source: string, { layers }: EncoderConfig): StoredModel {
  return {
    source,
    layers,
    architecture: 'the image encoder',
    config: `encoder in ${CONFIG_FILE}`,
    layersField: `num_hidden_layers of encoder in ${CONFIG_FILE}`,
    layerPrefix: `${ENCODER}encoder.layer`,
    canonicalName: (stored) =>
      stored.startsWith(ENCODER) && UNUSED.test(stored.slice(ENCODER.length)) ? undefined : stored,
    nameOf: (parameter) => (parameter.startsWith(PROJECTION) ? parameter : ENCODER + parameter),
    layoutOf: (parameter) => parameter,
    fits: (stored, parameter) => String(stored) === String(parameter),
  };
}
