import type { JsonObject } from '../../files/json_object.js';
import { type AddedToken, contentOf } from '../added_tokens.js';
import type { KeptSettings } from '../tokenizer_parts.js';

/** An added token as tokenizer.json lists it. */
export const addedTokenFlags = ({
  id,
  content,
  singleWord,
  lstrip,
  rstrip,
  normalized,
  special,
}: AddedToken) => ({
  ...{ id, content, single_word: singleWord, lstrip, rstrip, normalized, special },
});

/** Settings that the tokenizer itself decides, beyond the kept ones. */
interface Effective {
  /** The texts of the tokens that begin and end a text; null for none. */
  readonly bos: string | null;
  readonly eos: string | null;
  /** Undefined if the tokenizer does not know it. */
  readonly addPrefixSpace?: boolean;
}

/** The settings files of a tokenizer by name. `flags`: the added tokens. */
export function settingsFiles(
  { settings, specialTokensMap, chatTemplate }: KeptSettings,
  flags: readonly ReturnType<typeof addedTokenFlags>[],
  { bos, eos, addPrefixSpace }: Effective,
): Record<string, string> {
  const isPlain = addPrefixSpace !== undefined;
  const { tokenizer_class: kind } = settings;
  const config: JsonObject = {
    ...omitted(settings, OF_OTHER_FILES),
    ...(isPlain && { add_prefix_space: addPrefixSpace }),
    added_tokens_decoder: Object.fromEntries(flags.map(({ id, ...flag }) => [id, flag])),
    bos_token: bos,
    eos_token: eos,
    unk_token: settings.unk_token ?? null,
    tokenizer_class: CLASSES.includes(kind) ? kind : isPlain ? 'GPT2Tokenizer' : CLASSES.at(-1),
  };
  // The map keeps its own form of a role's token, unless it is a different token.
  const mapped = Object.entries(specialTokensMap ?? {})
    .filter(([role, token]) => Object.hasOwn(config, role) && contentOf(token) !== contentOf(config[role]))
    .map(([role]) => role);
  const map = { ...specialTokensMap, ...Object.fromEntries(mapped.map((role) => [role, config[role]])) };
  return {
    'tokenizer_config.json': `${JSON.stringify(config, undefined, 2)}\n`,
    ...(specialTokensMap && { 'special_tokens_map.json': `${JSON.stringify(map, undefined, 2)}\n` }),
    ...(chatTemplate !== undefined && { 'chat_template.jinja': chatTemplate }),
  };
}

/** Classes of transformers that read these files as GPT2Tokenizer does; the last one reads any tokenizer.json. */
const CLASSES: readonly unknown[] = [
  ...['GPT2Tokenizer', 'GPT2TokenizerFast', 'TokenizersBackend', 'PreTrainedTokenizerFast'],
];

/** Settings that name files which are not written: Python code, and the origin of the tokenizer. */
const OF_OTHER_FILES = ['auto_map', 'name_or_path', 'special_tokens_map_file', 'tokenizer_file'];

function omitted(settings: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}
