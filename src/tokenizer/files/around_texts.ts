import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { around, createPostProcessor } from '../pipeline/post_processors/create.js';
import { SWITCHES, withSwitches } from '../pipeline/post_processors/switches.js';
import type { KeptSettings, TokenizerParts } from '../tokenizer_parts.js';
import { steps } from './steps.js';

/** The tokens that the files ask for around every text, for a tokenizer of GPT-2's byte-level BPE. */
export function aroundTexts(
  parts: Pick<TokenizerParts, 'addedTokens' | 'kept' | 'bosTokenId' | 'eosTokenId'>,
): Pick<TokenizerParts, 'around' | 'notes'> {
  const { settings, unread } = parts.kept;
  const idOf = (text: string) => parts.addedTokens.find(({ content }) => content === text)?.id;
  const template = createPostProcessor(unread.post_processor, 'tokenizer.json', idOf);
  const process = withSwitches(template, settings, parts);
  return { notes: filesNotes(parts.kept), around: (ids) => around(process, ids) };
}

/** A note for each request of the files that `encode` follows only if it is told to, or not at all. */
export function filesNotes({ settings, unread }: KeptSettings): string[] {
  const { post_processor: postProcessor, truncation, padding } = unread;
  const tokens = steps(postProcessor).filter(isJsonObject).flatMap(tokensOf);
  const switches = SWITCHES.map(([name]) => name).filter((name) => settings[name] === true);
  const asked = [...(tokens.length > 0 ? [`a post-processor with ${tokens.join(', ')}`] : []), ...switches];
  const notes: string[] = [];
  if (asked.length > 0) {
    notes.push(
      `the tokenizer asks for tokens around every text (${asked.join(', ')}), which other libraries add; encode adds nothing: ` +
        'begin a prompt with such a token, and allow it with allowedSpecial, or encode with addSpecialTokens',
    );
  }
  if (isJsonObject(truncation)) {
    notes.push(
      `the tokenizer asks to cut texts at ${truncation.max_length} tokens (truncation); encode cuts nothing`,
    );
  }
  if (isJsonObject(padding)) notes.push('the tokenizer asks to pad texts (padding); encode adds no padding');
  return notes;
}

/** The texts of the tokens that a post-processor puts around a text. */
function tokensOf({ single, cls, sep }: JsonObject): unknown[] {
  const pieces = Array.isArray(single) ? single : [];
  const ends = [cls, sep].filter(Array.isArray).map(([text]) => text);
  return [
    ...pieces.flatMap((piece) => (isJsonObject(piece?.SpecialToken) ? [piece.SpecialToken.id] : [])),
    ...ends,
  ];
}
