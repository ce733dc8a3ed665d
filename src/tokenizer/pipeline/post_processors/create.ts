import { isJsonObject } from '../../../files/json_object.js';
import { quote } from '../../token_table.js';
import { aroundToken, type EncodedToken } from '../encoded_token.js';
import { type Part, stepsOf } from '../part.js';
import { trimOffsets } from './trim_offsets.js';

type Tokens = readonly EncodedToken[];

/** Most tokens and copies of texts in a template. */
const MOST_AROUND = 4096;
const MOST_COPIES = 16;

/** A step after encoding. `texts`: the tokens of one text or two; `adds`: whether tokens are put around them. */
export type PostProcessor = (texts: readonly Tokens[], adds: boolean) => readonly Tokens[];

/** Finds the id of a token that a template does not define. */
type IdOf = (text: string) => number | undefined;

/** By type: the function that reads a post-processor. */
const PROCESSORS: Readonly<Record<string, (part: Part, idOf: IdOf) => PostProcessor>> = {
  ByteLevel(part) {
    if (!part.flag('trim_offsets', true)) return (texts) => texts;
    const addsSpace = part.flag('add_prefix_space', true);
    return (texts) => texts.map((tokens) => trimOffsets(tokens, addsSpace));
  },
  TemplateProcessing: template,
  BertProcessing(part) {
    const begin = tokenAround(part, 'cls');
    const end = tokenAround(part, 'sep');
    return (texts, adds) =>
      adds ? texts.map((tokens, i) => [...(i === 0 ? begin(0) : []), ...tokens, ...end(i)]) : texts;
  },
  RobertaProcessing(part) {
    const begin = tokenAround(part, 'cls');
    const end = tokenAround(part, 'sep');
    const trims = part.flag('trim_offsets', true);
    const addsSpace = part.flag('add_prefix_space', true);
    return (texts, adds) =>
      texts.map((tokens, i) => {
        const trimmed = trims ? trimOffsets(tokens, addsSpace) : tokens;
        const typed = trimmed.map((token) => ({ ...token, typeId: 0 }));
        return adds ? [...(i === 0 ? begin(0) : end(0)), ...typed, ...end(0)] : typed;
      });
  },
};

/** Reads `["[CLS]", 101]`. */
function tokenAround(part: Part, name: string): (typeId: number) => Tokens {
  const [text, id] = part.list(name);
  if (typeof text !== 'string' || !Number.isSafeInteger(id)) {
    throw part.invalid(`${name} is ${quote(part.json[name])}, not a text and an id`);
  }
  return (typeId) => [aroundToken(id as number, text, typeId)];
}

/** A piece of a template: one of the texts, or tokens. */
type TemplatePiece = (texts: readonly Tokens[], adds: boolean) => Tokens;

function template(part: Part, idOf: IdOf): PostProcessor {
  const single = templatePieces(part, 'single', idOf);
  const pair = part.json.pair == null ? single : templatePieces(part, 'pair', idOf);
  return (texts, adds) =>
    (texts.length === 1 ? single : pair)
      .map((piece) => piece(texts, adds))
      .filter(({ length }) => length > 0);
}

function templatePieces(part: Part, name: string, idOf: IdOf): readonly TemplatePiece[] {
  let [around, copies] = [0, 0];
  return part.list(name).map((piece): TemplatePiece => {
    const { Sequence: sequence, SpecialToken: special } = isJsonObject(piece) ? piece : {};
    const typeId = (isJsonObject(sequence) ? sequence : isJsonObject(special) ? special : {}).type_id ?? 0;
    if (isJsonObject(sequence) && typeof typeId === 'number') {
      if (++copies > MOST_COPIES) throw part.unsupported(`a template with more than ${MOST_COPIES} texts`);
      const index = sequence.id === 'B' ? 1 : 0;
      return (texts) => (texts[index] ?? []).map((token) => ({ ...token, typeId }));
    }
    const tokens = isJsonObject(special) ? specialTokens(part, special.id, idOf) : undefined;
    if (tokens === undefined || typeof typeId !== 'number') {
      throw part.invalid(`${name} has ${quote(piece)}, which is no text and no token of special_tokens`);
    }
    around += tokens.length;
    if (around > MOST_AROUND) throw part.unsupported(`a template with more than ${MOST_AROUND} tokens`);
    return (_, adds) => (adds ? tokens.map(({ id, text }) => aroundToken(id, text, typeId)) : []);
  });
}

function specialTokens(part: Part, name: unknown, idOf: IdOf): { id: number; text: string }[] | undefined {
  const all = part.json.special_tokens;
  const token = isJsonObject(all) && typeof name === 'string' && Object.hasOwn(all, name) ? all[name] : {};
  const { ids, tokens } = isJsonObject(token) ? token : {};
  const known = typeof name === 'string' && ids === undefined ? idOf(name) : undefined;
  if (known !== undefined) return [{ id: known, text: name as string }];
  if (!Array.isArray(ids) || !Array.isArray(tokens) || !ids.every(Number.isSafeInteger)) return undefined;
  return ids.map((id, i) => ({ id, text: String(tokens[i] ?? '') }));
}

/** The steps of a post-processor. Throws `invalid-file` and `unsupported`. */
export function createPostProcessor(value: unknown, file: string, idOf: IdOf): PostProcessor {
  const parts = stepsOf(value, 'post-processor', 'processors', file, PROCESSORS);
  const steps = parts.map((part) => PROCESSORS[part.type]!(part, idOf));
  return (texts, adds) => steps.reduce((left, step) => step(left, adds), texts);
}

/** The ids of a text with the tokens that a post-processor puts around it. */
export function around(process: PostProcessor, ids: readonly number[]): number[] {
  const tokens = ids.map((id) => ({ ...aroundToken(id, '', 0), isAround: false }));
  return process([tokens], true).flatMap((part) => part.map(({ id }) => id));
}
