export const SINGLE_FILE = 'pytorch_model.bin';
/** Lists the tensors of each shard. */
export const INDEX_FILE = 'pytorch_model.bin.index.json';
/** nanoGPT's training state. */
export const NANOGPT_FILE = 'ckpt.pt';
/** The characters that are the tokens of a nanoGPT. */
export const CHARACTERS_FILE = 'meta.pkl';
