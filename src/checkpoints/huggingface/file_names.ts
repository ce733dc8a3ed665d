export const CONFIG_FILE = 'config.json';
/** Names the tokens that begin and end a generated text; they take precedence over those of the config. */
export const GENERATION_FILE = 'generation_config.json';
export const SINGLE_FILE = 'model.safetensors';
/** Lists the tensors of each shard. */
export const INDEX_FILE = 'model.safetensors.index.json';
