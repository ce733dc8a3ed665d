import { promptTokens } from '../generate/prompt.js';
import type { Model } from '../model/model.js';

/** The token ids of texts; see `idsOfTexts`. */
export async function encode(
  { config, tokenizer }: Model,
  { texts }: { readonly texts: readonly string[] },
): Promise<number[][]> {
  return texts.map((text) => promptTokens(text, config, () => tokenizer));
}
