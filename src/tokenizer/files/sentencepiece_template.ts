import type { JsonObject } from '../../files/json_object.js';

/** A control piece of a model. */
export interface NamedToken {
  readonly content: string;
  readonly id: number;
}

/** The control pieces of roles; undefined for those that the model lacks. */
export interface RoleTokens {
  readonly begin: NamedToken | undefined;
  readonly end: NamedToken | undefined;
  readonly separator: NamedToken | undefined;
  readonly first: NamedToken | undefined;
}

type Tokens = readonly (NamedToken | undefined)[];

/**
 * The post-processor with which a class of transformers puts tokens around a text; `null` if there are none.
 * `settings`: tokenizer_config.json.
 */
export function sentencePieceTemplate(
  name: string,
  { begin, end, separator, first }: RoleTokens,
  settings: JsonObject,
): JsonObject | null {
  const ends = settings.add_eos_token === true ? [end] : [];
  switch (name) {
    case 'T5Tokenizer':
      return template([], [end]);
    case 'LlamaTokenizer':
      return template(settings.add_bos_token === false ? [] : [begin], ends);
    case 'XLMRobertaTokenizer':
      return template([begin], [end]);
    case 'AlbertTokenizer':
      return template([first], [separator]);
    case 'XLNetTokenizer':
      return template([], [separator, first]);
    default:
      return template(settings.add_bos_token === true ? [begin] : [], ends);
  }
}

function template(before: Tokens, after: Tokens): JsonObject | null {
  const tokens = [...before, ...after].filter((token) => token !== undefined);
  if (tokens.length === 0) return null;
  const parts = (side: Tokens) =>
    side.flatMap((token) =>
      token === undefined ? [] : [{ SpecialToken: { id: token.content, type_id: 0 } }],
    );
  const text = (id: string) => [...parts(before), { Sequence: { id, type_id: 0 } }, ...parts(after)];
  return {
    type: 'TemplateProcessing',
    single: text('A'),
    pair: [...text('A'), ...text('B')],
    special_tokens: Object.fromEntries(
      tokens.map(({ content, id }) => [content, { id: content, ids: [id], tokens: [content] }]),
    ),
  };
}
