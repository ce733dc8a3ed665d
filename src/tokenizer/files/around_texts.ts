import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { steps } from './steps.js';

/** A note if the files ask for tokens around every text, by a template or by one of two settings. */
export function aroundTexts(settings: JsonObject, postProcessor: unknown): string[] {
  const templates = steps(postProcessor).filter(isJsonObject);
  const pieces = templates.flatMap(({ single }) => (Array.isArray(single) ? single : []));
  const tokens = pieces.flatMap((piece) =>
    isJsonObject(piece?.SpecialToken) ? [piece.SpecialToken.id] : [],
  );
  const switches = ['add_bos_token', 'add_eos_token'].filter((name) => settings[name] === true);
  if (tokens.length === 0 && switches.length === 0) return [];
  const asked = [...(tokens.length > 0 ? [`a post-processor with ${tokens.join(', ')}`] : []), ...switches];
  return [
    `the tokenizer asks for tokens around every text (${asked.join(', ')}), which other libraries add; encode adds nothing: ` +
      'begin a prompt with such a token, and allow it with allowedSpecial',
  ];
}
