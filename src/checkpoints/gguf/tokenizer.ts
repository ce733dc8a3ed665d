import { Gpt2Error } from '../../base/errors.js';
import { PLAIN_BPE } from '../../tokenizer/bpe/plain_bpe.js';
import { tokenizerParts, type UnnotedParts } from '../../tokenizer/files/parts.js';
import { byteKey } from '../../tokenizer/token_table.js';
import type { GgufHeader } from './header.js';
import { ListedTexts } from './listed_texts.js';
import type { StringList } from './string_list.js';

/** Values of tokenizer.ggml.token_type: ordinary text, special tokens, added tokens, ids without a token. */
export const NORMAL = 1;
export const CONTROL = 3;
export const USER_DEFINED = 4;
export const UNUSED = 5;
/** The value of tokenizer.ggml.model in a file without a tokenizer. */
export const NO_TOKENIZER = 'no_vocab';
/** Characters that are the same in plain text and in the byte alphabet. */
const SAME_IN_BOTH = /^[!-~]+$/;

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
 * The parts of the tokenizer in the metadata of a GGUF file. Throws `not-found` if there is none,
 * `invalid-file`, and `unsupported` for one that is not GPT-2's byte-level BPE.
 */
export function ggufTokenizer({ metadata, where }: GgufHeader): UnnotedParts {
  const fail = (problem: string) => new Gpt2Error('invalid-file', `${where}: ${problem}`);
  const model = metadata.text(key('model'));
  if (model === undefined || model === NO_TOKENIZER) {
    const reason =
      model === undefined ? `its metadata lacks ${key('model')}` : `${key('model')} is "${model}"`;
    throw new Gpt2Error('not-found', `${where} has no tokenizer: ${reason}`);
  }
  const split = metadata.text(key('pre')) ?? 'gpt-2';
  if (model !== 'gpt2' || split !== 'gpt-2') {
    const found = model === 'gpt2' ? `${key('pre')} is "${split}"` : `${key('model')} is "${model}"`;
    throw new Gpt2Error('unsupported', `${where}: ${found}; only GPT-2's byte-level BPE is supported`);
  }
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

  /** The text of the token that a key names; `null`, as in settings files, if the key is absent. */
  const tokenOf = (name: string): string | null => {
    const id = metadata.whole(key(name));
    if (id === undefined) return null;
    const text = texts.at(id);
    if (text === undefined) throw fail(`${key(name)} is ${id}, but there are ${texts.length} tokens`);
    return text;
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
    {
      addedTokens: undefined,
      specialTokensMap: undefined,
      tokenizerConfig: { file: where, json: settings },
    },
  );
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
