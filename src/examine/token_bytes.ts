import type { Model } from '../model/model.js';
import { bytesOfToken } from '../tokenizer/bytes_of_token.js';

/** Operation: the bytes of tokens, none for an id without a token. */
export async function tokenBytes(
  { tokenizer }: Model,
  { ids }: { readonly ids: readonly number[] },
): Promise<Uint8Array[]> {
  return ids.map((id) => bytesOfToken(tokenizer, id) ?? new Uint8Array(0));
}
