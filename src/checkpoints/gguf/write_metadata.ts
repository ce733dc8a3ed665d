import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { Gpt2Error } from '../../base/errors.js';
import { contentOf } from '../../tokenizer/added_tokens.js';
import { symbolsOf } from '../../tokenizer/bpe/byte_alphabet.js';
import type { TokenTable } from '../../tokenizer/token_table.js';
import type { TokenizerParts } from '../../tokenizer/tokenizer_parts.js';
import type { MetadataPair, TypedValue } from './header_writer.js';
import type { OtherMetadata } from './other_metadata.js';
import { CONTROL, NO_TOKENIZER, NORMAL, UNUSED, USER_DEFINED } from './token_types.js';

const text = (value: string): TypedValue => ({ type: 'string', value });
const whole = (value: number): TypedValue => ({ type: 'u32', value });

/** The metadata of the architecture and its sizes. `where` names the source; throws `unsupported`. */
export function configMetadata(config: ModelConfig, where: string): MetadataPair[] {
  if (config.crossAttention) {
    throw new Gpt2Error('unsupported', `${where} has cross-attention, for which GGUF's gpt2 has no names`);
  }
  if (config.activation !== 'gelu-tanh') {
    throw new Gpt2Error(
      'unsupported',
      `${where} has the activation ${config.activation}; GGUF has no name for it, and llama.cpp would compute ` +
        'gelu-tanh in its place',
    );
  }
  return [
    ['gpt2.context_length', whole(config.contextLength)],
    ['gpt2.embedding_length', whole(config.channels)],
    ['gpt2.block_count', whole(config.layers)],
    ['gpt2.feed_forward_length', whole(config.innerChannels)],
    ['gpt2.attention.head_count', whole(config.heads)],
    ['gpt2.attention.layer_norm_epsilon', { type: 'f32', value: config.layerNormEpsilon }],
    ['gpt2.vocab_size', whole(config.vocabSize)],
  ];
}

/**
 * The metadata of a tokenizer, or of none, and notes on what it cannot express, a sentence each. Ids of the
 * model without a token become unused tokens, because llama.cpp needs as many tokens as the embedding has
 * rows. `where` names the source; throws `unsupported`.
 */
export function tokenizerMetadata(
  tokenizer: TokenizerParts | OtherMetadata | undefined,
  config: ModelConfig,
  where: string,
): { pairs: MetadataPair[]; warnings: string[] } {
  const warnings: string[] = [];
  const pairs: MetadataPair[] = [];
  const add = (name: string, value: TypedValue) => pairs.push([`tokenizer.ggml.${name}`, value]);
  if (tokenizer === undefined) {
    warnings.push(`${where} has no tokenizer: llama.cpp will take token ids only`);
    add('model', text(NO_TOKENIZER));
  } else if ('pairs' in tokenizer) {
    pairs.push(...tokenizer.pairs);
    warnings.push(...tokenizer.warnings);
  } else {
    const { texts, types } = listTokens(tokenizer, config.vocabSize, where);
    add('model', text('gpt2'));
    add('pre', text('gpt-2'));
    add('tokens', { element: 'string', values: texts });
    add('token_type', { element: 'i32', values: types });
    add('merges', { element: 'string', values: listMerges(tokenizer, config.vocabSize) });
    add('add_bos_token', { type: 'bool', value: tokenizer.kept.settings.add_bos_token === true });
    add('add_space_prefix', { type: 'bool', value: tokenizer.addPrefixSpace });
    warnings.push(...lostByTokenizer(tokenizer, config.vocabSize));
  }
  const [end = tokenizer?.eosTokenId, secondEnd, ...furtherEnds] = config.eosTokenIds;
  const ids = {
    bos: config.bosTokenId ?? tokenizer?.bosTokenId,
    eos: end,
    eot: secondEnd,
    ...(tokenizer && ('pairs' in tokenizer ? tokenizer.ids : idsOfRoles(tokenizer))),
  };
  const template =
    tokenizer && 'pairs' in tokenizer
      ? tokenizer.chatTemplate
      : (tokenizer?.kept.chatTemplate ?? tokenizer?.kept.settings.chat_template);
  if (typeof template === 'string') pairs.push(['tokenizer.chat_template', text(template)]);
  for (const [name, id] of Object.entries(ids)) {
    if (id !== undefined && id < config.vocabSize) add(`${name}_token_id`, whole(id));
  }
  if (furtherEnds.length > 0) {
    warnings.push(`GGUF names two tokens that end a text: ${furtherEnds.join(', ')} will no longer do so`);
  }
  return { pairs, warnings };
}

/** Ids of tokens by the names of their keys in GGUF, which spells one so. */
function idsOfRoles(tokenizer: TokenizerParts): Readonly<Record<string, number | undefined>> {
  return {
    unknown: tokenizer.unknownTokenId,
    seperator: tokenOfRole(tokenizer, 'sep_token'),
    padding: tokenOfRole(tokenizer, 'pad_token'),
    mask: tokenOfRole(tokenizer, 'mask_token'),
  };
}

/** The id of the token that the settings name for a role. */
function tokenOfRole({ kept, addedTokens }: TokenizerParts, role: string): number | undefined {
  const content = contentOf(kept.settings[role]);
  return addedTokens.find((added) => added.content === content)?.id;
}

/** Notes on texts that llama.cpp encodes differently. */
function lostByTokenizer(
  { tokens, addedTokens, addPrefixSpace, unknownTokenId, ignoreMerges }: TokenizerParts,
  vocabSize: number,
): string[] {
  const lost: string[] = [];
  if (addPrefixSpace) lost.push('llama.cpp ignores add_prefix_space: put the space before the text yourself');
  for (const { content, lstrip, rstrip, singleWord } of addedTokens) {
    const token = JSON.stringify(content);
    if (lstrip || rstrip) lost.push(`GGUF cannot say that ${token} takes white space along (lstrip, rstrip)`);
    if (singleWord) lost.push(`GGUF cannot say that ${token} matches whole words only (single_word)`);
  }
  if (unknownTokenId !== undefined && lacksByte(tokens)) {
    lost.push('GGUF has no unknown token for byte-level BPE: bytes without a token will be left out');
  }
  if (ignoreMerges) lost.push('GGUF cannot say that a word which is a token needs no merges (ignore_merges)');
  if (tokens.size > vocabSize) {
    lost.push(
      `the model has ${vocabSize} tokens: those of the tokenizer from id ${vocabSize} on are left out`,
    );
  }
  return lost;
}

function lacksByte(tokens: TokenTable): boolean {
  return Array.from({ length: 256 }, (_, byte) => tokens.find(Uint8Array.of(byte), 0, 1)).includes(-1);
}

/** Text and type of every id of the model. */
function listTokens({ tokens, addedTokens }: TokenizerParts, vocabSize: number, where: string) {
  const added = new Map(addedTokens.map((token) => [token.id, token]));
  const idOf = new Map<string, number>();
  const texts: string[] = [];
  const types: number[] = [];
  const add = (id: number, spelling: string, type: number): void => {
    const other = idOf.get(spelling);
    if (other !== undefined) {
      const both = `tokens ${other} and ${id} would both be ${JSON.stringify(spelling)}`;
      throw new Gpt2Error('unsupported', `${where}: ${both} in GGUF, which needs different ones`);
    }
    idOf.set(spelling, id);
    texts.push(spelling);
    types.push(type);
  };
  for (let id = 0; id < vocabSize; id++) {
    const token = added.get(id);
    const start = tokens.starts[id] ?? -1;
    if (token !== undefined) add(id, token.content, token.special ? CONTROL : USER_DEFINED);
    else if (start === -1) add(id, `[PAD${id}]`, UNUSED);
    else add(id, symbolsOf(tokens.bytes.subarray(start, tokens.ends[id])), NORMAL);
  }
  return { texts, types };
}

/** The merges in the order of their ranks, without those that a later merge of the same pair replaces. */
function listMerges({ tokens, merges }: TokenizerParts, vocabSize: number): string[] {
  const symbols = (id: number) => symbolsOf(tokens.bytes.subarray(tokens.starts[id], tokens.ends[id]));
  const listed: string[] = [];
  for (let rank = 0; rank < merges.size; rank++) {
    const [left, right] = merges.pair(rank);
    const isInModel = Math.max(left, right, merges.result(rank)) < vocabSize;
    if (isInModel && merges.rank(left, right) === rank) listed.push(`${symbols(left)} ${symbols(right)}`);
  }
  return listed;
}
