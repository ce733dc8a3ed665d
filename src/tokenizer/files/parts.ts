import { AddedTokens } from '../added_tokens.js';
import { BytePairEncoder } from '../bpe/bpe.js';
import type { BpeDefinition } from '../bpe/definition.js';
import { MergeTable } from '../bpe/merge_table.js';
import { TokenTable } from '../token_table.js';
import type { TokenizerParts } from '../tokenizer_parts.js';
import { applySettings, type SettingsFiles } from './settings.js';

/** The parts of a tokenizer without its notes. */
export type UnnotedParts = Omit<TokenizerParts, 'notes'>;

/** Makes the parts of a tokenizer from a definition and settings, and checks that they agree. */
export function tokenizerParts(definition: BpeDefinition, files: SettingsFiles): UnnotedParts {
  const added = new AddedTokens(definition.idOf);
  const settings = applySettings(definition, files, added);
  const tokens = new TokenTable(definition, added.outsideVocabulary);
  const merges = new MergeTable(tokens, definition.merges, definition.mergePosition);
  const rules = { ...settings, fuseUnknown: definition.fuseUnknown, ignoreMerges: definition.ignoreMerges };
  return {
    ...rules,
    tokens,
    merges,
    addedTokens: added.all,
    tokenize: async (...call) => (await import('../pipeline/tokenize_plain.js')).tokenizePlain(...call),
    createEncoder: () => new BytePairEncoder(tokens, merges, rules),
  };
}

/** Adds what the files ask for beyond a text's own tokens. */
export async function withNotes(parts: UnnotedParts): Promise<TokenizerParts> {
  const { settings, unread } = parts.kept;
  const asks = settings.add_bos_token || settings.add_eos_token || Object.keys(unread).length > 0;
  if (!asks) return { ...parts, notes: [] };
  // Loaded on demand: nearly all tokenizers of GPT-2 ask for no tokens around a text.
  const { aroundTexts } = await import('./around_texts.js');
  return { ...parts, ...aroundTexts(parts) };
}
