export const TOKENIZER_FILE = 'tokenizer.json';
/** The chat template of newer checkpoints; older ones have it in tokenizer_config.json. */
export const CHAT_TEMPLATE_FILE = 'chat_template.jinja';
/** Read beside every tokenizer. */
export const SETTINGS_FILES = [
  'added_tokens.json',
  'special_tokens_map.json',
  'tokenizer_config.json',
  CHAT_TEMPLATE_FILE,
] as const;
