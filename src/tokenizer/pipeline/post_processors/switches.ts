import type { JsonObject } from '../../../files/json_object.js';
import { contentOf } from '../../added_tokens.js';
import { aroundToken } from '../encoded_token.js';
import { around, type PostProcessor } from './create.js';

/** Settings of older tokenizers that put a token before or after every text, and the roles of the tokens. */
export const SWITCHES = [
  ['add_bos_token', 'bosTokenId', 'bos_token'],
  ['add_eos_token', 'eosTokenId', 'eos_token'],
] as const;

/** The tokens that begin and end a text, if there are any. */
type Ends = { readonly [role in (typeof SWITCHES)[number][1]]: number | undefined };

/** A post-processor; if it puts no token around a text, with those that the settings ask for. */
export function withSwitches(process: PostProcessor, settings: JsonObject, ends: Ends): PostProcessor {
  if (around(process, []).length > 0) return process;
  const [begin, end] = SWITCHES.map(([name, role, key]) => {
    const id = settings[name] === true ? ends[role] : undefined;
    return id === undefined ? [] : [aroundToken(id, String(contentOf(settings[key]) ?? ''), 0)];
  });
  return (texts, adds) => {
    const parts = process(texts, adds);
    return adds ? parts.map((tokens) => [...begin!, ...tokens, ...end!]) : parts;
  };
}
