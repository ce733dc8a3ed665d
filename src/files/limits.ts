/** Most bytes of a config.json, adapter_config.json and the like, which have some kilobytes. */
const MOST_CONFIG_BYTES = 2 ** 24;
/** Most bytes of another text or JSON file: the largest tokenizer files in use have about 35 MB. */
const MOST_TEXT_BYTES = 2 ** 26;

/** Most bytes of a text or JSON file of this path. Such files are read whole, and a larger one would fill the memory. */
export function mostBytes(path: string): number {
  return /(?:^|\/)(?!tokenizer_)[^/]*config\.json$/.test(path) ? MOST_CONFIG_BYTES : MOST_TEXT_BYTES;
}

/** Bytes at the start of a file that tell its format. */
export const KNOWN_BYTES = 64;
