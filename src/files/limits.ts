/** Most bytes of a file that is read whole, by its kind: what is larger would only fill memory. */
const MOST_CONFIG_BYTES = 2 ** 24;
/** The largest tokenizer files in use have about 35 MB. */
const MOST_TOKENIZER_BYTES = 2 ** 26;
/** Indexes of shards and states of training runs. */
const MOST_OTHER_BYTES = 2 ** 26;

const TOKENIZER_FILE =
  /(?:^|\/)(?:tokenizer\.json|tokenizer_config\.json|vocab\.json|merges\.txt|added_tokens\.json|special_tokens_map\.json)$/;

/** The limit for a file of this path, as text or JSON. */
export function mostBytes(path: string): number {
  if (TOKENIZER_FILE.test(path)) return MOST_TOKENIZER_BYTES;
  return /(?:^|\/)[^/]*config\.json$/.test(path) ? MOST_CONFIG_BYTES : MOST_OTHER_BYTES;
}

/** Most bytes at the start of a file by which its kind is known. */
export const KNOWN_BYTES = 64;
