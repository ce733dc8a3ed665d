/** The files that make a model or an adapter, by their names. */
export const CONFIG_FILE = 'config.json';
/** The tokens that begin and end what is generated, before those of the config. */
export const GENERATION_FILE = 'generation_config.json';
export const SINGLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

export const TOKENIZER_FILE = 'tokenizer.json';
/** What newer checkpoints keep beside tokenizer_config.json. */
export const CHAT_TEMPLATE_FILE = 'chat_template.jinja';
/** Read if there is no tokenizer.json. */
export const VOCABULARY_FILES: readonly string[] = ['vocab.json', 'merges.txt'];
export const SETTINGS_FILES: readonly string[] = [
  'added_tokens.json',
  'special_tokens_map.json',
  'tokenizer_config.json',
  CHAT_TEMPLATE_FILE,
];
/** Files of tokenizers that are no byte-level BPE, and their kinds. */
export const FOREIGN_TOKENIZERS: ReadonlyMap<string, string> = new Map([
  ['vocab.txt', 'WordPiece'],
  ['spiece.model', 'SentencePiece'],
  ['tokenizer.model', 'SentencePiece'],
]);

export const ADAPTER_CONFIG_FILE = 'adapter_config.json';
export const ADAPTER_WEIGHTS_FILE = 'adapter_model.safetensors';
export const ADAPTER_FILES: readonly string[] = [ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS_FILE];
/** A file of a PEFT adapter, its older format included. */
export const ADAPTER_FILE = /^adapter_(?:config\.json|model\.(?:safetensors|bin))$/;

/** Whether a file of this name holds or lists weights that are read. */
export function isModelFile(name: string): boolean {
  return name === SINGLE_FILE || name === INDEX_FILE || /\.gguf$/i.test(name);
}

/** Whether these files are those of a LoRA adapter of PEFT and not of a whole model. */
export function isAdapter(paths: readonly string[]): boolean {
  return paths.some((path) => ADAPTER_FILE.test(path)) && !paths.some(isModelFile);
}
