import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { type AddedTokens, contentOf } from '../added_tokens.js';
import type { BpeDefinition } from '../bpe/definition.js';
import type { KeptSettings } from '../tokenizer_parts.js';

/** The token that begins and ends a text in Hugging Face's GPT2Tokenizer if no file names one. */
export const END_OF_TEXT = '<|endoftext|>';

const ROLES = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

/** Classes of tokenizers that have no token to begin or end a text if no file names one. */
const NO_DEFAULT_TOKENS: readonly unknown[] = ['PreTrainedTokenizerFast', 'TokenizersBackend'];

/** A settings file: its name in messages, and its JSON. */
export interface SettingsFile {
  readonly file: string;
  readonly json: JsonObject;
}

/** The settings files of a tokenizer; a checkpoint may lack any of them. */
export interface SettingsFiles {
  readonly addedTokens: SettingsFile | undefined;
  readonly specialTokensMap: SettingsFile | undefined;
  readonly tokenizerConfig: SettingsFile | undefined;
  /** chat_template.jinja */
  readonly chatTemplate?: string | undefined;
}

export interface TokenizerSettings {
  readonly addPrefixSpace: boolean;
  readonly unknownTokenId: number | undefined;
  readonly bosTokenId: number | undefined;
  readonly eosTokenId: number | undefined;
  readonly kept: KeptSettings;
}

/** Adds the tokens of the definition and the settings files to `added`, and returns the settings. */
export function applySettings(
  definition: Pick<BpeDefinition, 'file' | 'addedTokens' | 'addPrefixSpace' | 'unknownToken' | 'unread'>,
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

  // As in transformers: a tokenizer_config.json that lists the added tokens is complete; the map overrides an
  // older one.
  const naming = [isJsonObject(decoder) ? undefined : specialTokensMap, tokenizerConfig].filter(
    (file) => file !== undefined,
  );
  for (const { file, json } of naming) {
    for (const token of [
      ...ROLES.map((role) => json[role]),
      ...listed(json.additional_special_tokens),
      ...listed(json.extra_special_tokens),
    ]) {
      added.addSpecial(file, token);
    }
  }
  const config = tokenizerConfig?.json ?? {};
  const settings: JsonObject = { ...config, ...rolesOf(naming) };
  const byDefault = NO_DEFAULT_TOKENS.includes(config.tokenizer_class) ? null : END_OF_TEXT;
  /** The id of a role's token; null in a file means that the role has none. */
  const named = (role: string): number | undefined => {
    const token = Object.hasOwn(settings, role) ? settings[role] : byDefault;
    const content = contentOf(token);
    return typeof content === 'string' ? added.idOf(content) : undefined;
  };
  const bosTokenId = named('bos_token');
  const eosTokenId = named('eos_token');
  const boundary = added.idOf(END_OF_TEXT);
  if (boundary === bosTokenId || boundary === eosTokenId) {
    added.addSpecial(definition.file, END_OF_TEXT);
  }
  const { unknownToken, unread } = definition;
  const prefix = config.add_prefix_space;
  return {
    addPrefixSpace: typeof prefix === 'boolean' ? prefix : definition.addPrefixSpace,
    // In byte-level BPE only the model names the unknown token; the role unk_token is for other tokenizers.
    unknownTokenId: unknownToken === undefined ? undefined : added.idOf(unknownToken),
    bosTokenId,
    eosTokenId,
    kept: { settings, specialTokensMap: specialTokensMap?.json, chatTemplate: files.chatTemplate, unread },
  };
}

/** The token of each role, from the first file that has the role. */
function rolesOf(naming: readonly SettingsFile[]): JsonObject {
  const roles: JsonObject = {};
  for (const role of ROLES) {
    const file = naming.find(({ json }) => Object.hasOwn(json, role));
    if (file !== undefined) roles[role] = file.json[role];
  }
  return roles;
}

function addToken(file: string, token: unknown, id: number | undefined, added: AddedTokens): void {
  if (!isJsonObject(token)) throw new Gpt2Error('invalid-file', `${file}: an added token is no object`);
  added.add(file, token.content, id ?? token.id, token);
}

/** Additional special tokens, which are a list or the values of an object. */
function listed(tokens: unknown): unknown[] {
  return isJsonObject(tokens) ? Object.values(tokens) : Array.isArray(tokens) ? tokens : [];
}
