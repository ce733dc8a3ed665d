/** Most bytes of a file that is read whole, by its kind: more would only fill memory. */
const MOST_CONFIG_BYTES = 2 ** 24;
/** Tokenizers, indexes of shards, states of training runs; the largest tokenizer files in use have about 35 MB. */
const MOST_OTHER_BYTES = 2 ** 26;

/** Whether a file is text or JSON: it is read whole, and all others, which hold weights, by ranges of bytes. */
export function isText(path: string): boolean {
  return /\.(?:json|txt|jinja)$/i.test(path);
}

/** The limit for a file of this path, as text or JSON. */
export function mostBytes(path: string): number {
  return /config\.json$/.test(path) && !path.endsWith('tokenizer_config.json')
    ? MOST_CONFIG_BYTES
    : MOST_OTHER_BYTES;
}

/** Most bytes at the start of a file by which its kind is known. */
export const KNOWN_BYTES = 64;
