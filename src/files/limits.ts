/** Most bytes of a config.json, adapter_config.json and the like, which have some kilobytes. */
const MOST_CONFIG_BYTES = 2 ** 24;
/** Most bytes of another text file: the largest tokenizer files in use have about 35 MB. */
const MOST_TEXT_BYTES = 2 ** 26;

/**
 * Whether a file is text or JSON: it is read whole, and all others, which hold weights, by ranges of bytes.
 */
export function isText(path: string): boolean {
  return /\.(?:json|txt|jinja)$/i.test(path);
}

/** Most bytes of a text file of this path: it is read whole, and a larger one would fill the memory. */
export function mostBytes(path: string): number {
  return /config\.json$/.test(path) && !path.endsWith('tokenizer_config.json')
    ? MOST_CONFIG_BYTES
    : MOST_TEXT_BYTES;
}

/** Deepest nesting of arrays and objects: model files use four levels, and every level takes call stack. */
export const MAX_JSON_DEPTH = 64;
