import { Gpt2Error } from '../errors.js';
import type { AddedTokens } from './added_tokens.js';
import type { BpeDefinition } from './definition.js';
import { isJsonObject, type JsonObject } from './json.js';

/** What Hugging Face's GPT2Tokenizer begins and ends a text with where no file names a token. */
export const END_OF_TEXT = '<|endoftext|>';

const ROLES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

/** A settings file that was read: what messages call it, and its JSON. */
export interface SettingsFile {
  readonly file: string;
  readonly json: JsonObject;
}

/** The files beside a tokenizer, where a checkpoint has them. */
export interface SettingsFiles {
  readonly addedTokens: SettingsFile | undefined;
  readonly specialTokensMap: SettingsFile | undefined;
  readonly tokenizerConfig: SettingsFile | undefined;
}

export interface TokenizerSettings {
  readonly addPrefixSpace: boolean;
  readonly unknownTokenId: number | undefined;
  readonly bosTokenId: number | undefined;
  readonly eosTokenId: number | undefined;
}

/** Fills `added` from the definition and the settings files, and says what they set. */
export function applySettings(
  definition: BpeDefinition,
  files: SettingsFiles,
  added: AddedTokens,
): TokenizerSettings {
  for (const token of definition.addedTokens) addToken(definition.file, token, undefined, added);

  const { addedTokens, specialTokensMap, tokenizerConfig } = files;
  const decoder = tokenizerConfig?.json.added_tokens_decoder;
  if (isJsonObject(decoder)) {
    for (const [id, token] of Object.entries(decoder)) {
      addToken(tokenizerConfig!.file, token, Number(id), added);
    }
  }
  if (addedTokens !== undefined) {
    for (const [content, id] of Object.entries(addedTokens.json))
      added.add(addedTokens.file, content, id, {});
  }

  // In practice the two agree; where both name a token the configuration counts.
  const naming = [tokenizerConfig, specialTokensMap].filter((file) => file !== undefined);
  for (const { file, json } of naming) {
    for (const token of [
      ...ROLES.map((role) => json[role]),
      ...listed(json.additional_special_tokens),
      ...listed(json.extra_special_tokens),
    ]) {
      added.addSpecial(file, token);
    }
  }
  /** The token of a role, `otherwise` where no file mentions the role; null there means that it has none. */
  const named = (role: string, otherwise?: string): number | undefined => {
    const file = naming.find(({ json }) => Object.hasOwn(json, role));
    const token = file === undefined ? otherwise : file.json[role];
    const content = isJsonObject(token) ? token.content : token;
    return typeof content === 'string' ? added.idOf(content) : undefined;
  };
  const bosTokenId = named('bos_token', END_OF_TEXT);
  const eosTokenId = named('eos_token', END_OF_TEXT);
  const boundary = added.idOf(END_OF_TEXT);
  if (boundary === bosTokenId || boundary === eosTokenId) {
    added.addSpecial(definition.file, END_OF_TEXT);
  }
  const { unknownToken } = definition;
  const prefix = tokenizerConfig?.json.add_prefix_space;
  return {
    addPrefixSpace: typeof prefix === 'boolean' ? prefix : definition.addPrefixSpace,
    unknownTokenId: unknownToken === undefined ? named('unk_token') : added.idOf(unknownToken),
    bosTokenId,
    eosTokenId,
  };
}

function addToken(file: string, token: unknown, id: number | undefined, added: AddedTokens): void {
  if (!isJsonObject(token)) throw new Gpt2Error('invalid-file', `${file}: an added token is no object`);
  added.add(file, token.content, id ?? token.id, token);
}

/** Additional special tokens are a list, or an object whose values are the tokens. */
function listed(tokens: unknown): unknown[] {
  return isJsonObject(tokens) ? Object.values(tokens) : Array.isArray(tokens) ? tokens : [];
}
