import { Gpt2Error } from '../../base/errors.js';
import { PLAIN_BPE } from '../../tokenizer/bpe/plain_bpe.js';
import { tokenizerParts, type UnnotedParts, withNotes } from '../../tokenizer/files/parts.js';
import type { SettingsFiles } from '../../tokenizer/files/settings.js';
import type { ReadTokenizer } from '../../tokenizer/read_tokenizer.js';
import { byteKey } from '../../tokenizer/token_table.js';
import type { GgufHeader } from './header.js';
import { ListedTexts } from './listed_texts.js';
import type { StringList } from './string_list.js';
import { CONTROL, NO_TOKENIZER, SAME_IN_BOTH, UNUSED, USER_DEFINED } from './token_types.js';

/**
 * Roles of tokens in settings files, and their names in GGUF's keys; the usual ones are set even if there is
 * no token.
 */
const ROLES: readonly (readonly [role: string, name: string, isUsual?: boolean])[] = [
  ['bos_token', 'bos', true],
  ['eos_token', 'eos', true],
  ['unk_token', 'unknown', true],
  ['sep_token', 'seperator'],
  ['pad_token', 'padding'],
  ['mask_token', 'mask'],
];

const key = (name: string) => `tokenizer.ggml.${name}`;

/**
 * The tokenizer in the metadata of a GGUF file. Throws `not-found` if there is none, `invalid-file`, and
 * `unsupported` for one of a kind that is not read.
 */
export async function ggufTokenizer(header: GgufHeader): Promise<ReadTokenizer> {
  const { metadata, where } = header;
  const model = metadata.text(key('model'));
  if (model === undefined || model === NO_TOKENIZER) {
    const reason =
      model === undefined ? `its metadata lacks ${key('model')}` : `${key('model')} is "${model}"`;
    throw new Gpt2Error('not-found', `${where} has no tokenizer: ${reason}`);
  }
  if (model !== 'gpt2' || (metadata.text(key('pre')) ?? 'gpt-2') !== 'gpt-2') {
    const { otherTokenizer } = await import('./other_tokenizer.js');
    return otherTokenizer(metadata, where, ggufSettings(header));
  }
  return withNotes(byteLevelParts(header));
}

/** The parts of GPT-2's byte-level BPE. Throws `invalid-file`. */
export function byteLevelParts(header: GgufHeader): UnnotedParts {
  const { metadata, where } = header;
  const fail = (problem: string) => new Gpt2Error('invalid-file', `${where}: ${problem}`);
  const texts = metadata.texts(key('tokens'));
  const merges = metadata.texts(key('merges'));
  if (texts === undefined || merges === undefined) {
    throw fail(`the tokenizer has no ${key(texts === undefined ? 'tokens' : 'merges')}`);
  }
  const types = metadata.wholes(key('token_type'));
  if (types !== undefined && types.length !== texts.length) {
    throw fail(`${key('token_type')} has ${types.length} entries for ${texts.length} tokens`);
  }

  const ids: number[] = [];
  const addedTokens: unknown[] = [];
  for (let id = 0; id < texts.length; id++) {
    const type = types?.[id];
    if (type === UNUSED) continue;
    if (type !== CONTROL && type !== USER_DEFINED) {
      ids.push(id);
      continue;
    }
    const content = texts.at(id)!;
    addedTokens.push({ content, id, special: type === CONTROL });
    if (SAME_IN_BOTH.test(content)) ids.push(id);
  }

  return tokenizerParts(
    {
      file: where,
      texts: new ListedTexts(texts, ids),
      ids,
      idOf: idFinder(texts, ids),
      merges: new ListedTexts(merges),
      mergePosition: (index) => `${where}: ${key('merges')}[${index}]`,
      addedTokens,
      ...PLAIN_BPE,
      addPrefixSpace: metadata.flag(key('add_space_prefix')) ?? false,
    },
    ggufSettings(header),
  );
}

/** The settings of a tokenizer, as in the files of a Hugging Face folder. Throws `invalid-file`. */
function ggufSettings({ metadata, where }: GgufHeader): SettingsFiles {
  const texts = metadata.texts(key('tokens'));
  /** The text of the token that a key names; `null`, as in settings files, if the key is absent. */
  const tokenOf = (name: string): string | null => {
    const id = metadata.whole(key(name));
    if (id === undefined) return null;
    const text = texts?.at(id);
    if (text !== undefined) return text;
    const count = texts?.length ?? 0;
    throw new Gpt2Error('invalid-file', `${where}: ${key(name)} is ${id}, but there are ${count} tokens`);
  };
  const settings: Record<string, unknown> = {};
  for (const [role, name, isUsual] of ROLES) {
    const token = tokenOf(`${name}_token_id`);
    if (token !== null || isUsual) settings[role] = token;
  }
  for (const name of ['add_bos_token', 'add_eos_token']) {
    if (metadata.flag(key(name))) settings[name] = true;
  }
  const template = metadata.text('tokenizer.chat_template');
  if (template !== undefined) settings.chat_template = template;
  return {
    addedTokens: undefined,
    specialTokensMap: undefined,
    tokenizerConfig: { file: where, json: settings },
  };
}

/** Finds the id of a token among `ids` by its text, through a map that the first call makes. */
function idFinder(
  { bytes, starts, ends }: StringList,
  ids: readonly number[],
): (text: string) => number | undefined {
  let byBytes: Map<string, number> | undefined;
  const utf8 = new TextEncoder();
  return (text) => {
    if (byBytes === undefined) {
      byBytes = new Map();
      for (const id of ids) {
        const key = byteKey(bytes, starts[id]!, ends[id]!);
        if (!byBytes.has(key)) byBytes.set(key, id);
      }
    }
    const wanted = utf8.encode(text);
    return byBytes.get(byteKey(wanted, 0, wanted.length));
  };
}
