export const CONFIG_FILE = 'config.json';
/** Its tokens that begin and end a text come before those of the config. */
export const GENERATION_FILE = 'generation_config.json';
export const SINGLE_FILE = 'model.safetensors';
/** Lists the tensors of each shard. */
export const INDEX_FILE = 'model.safetensors.index.json';
