/** Names the newest of several checkpoints. */
export const CHECKPOINT_FILE = 'checkpoint';
/** OpenAI's name of the index of a checkpoint. */
export const INDEX_FILE = 'model.ckpt.index';
export const INDEX_EXTENSION = '.index';
/** The sizes of the model. */
export const SIZES_FILE = 'hparams.json';
