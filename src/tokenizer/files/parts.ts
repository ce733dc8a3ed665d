import { AddedTokens } from '../added_tokens.js';
import { MergeTable } from '../bpe/merge_table.js';
import { TokenTable } from '../token_table.js';
import type { TokenizerParts } from '../tokenizer_parts.js';
import type { BpeDefinition } from './definition.js';
import { applySettings, type SettingsFiles } from './settings.js';

/** Checks a definition and its settings against each other and makes the parts of a tokenizer. */
export function tokenizerParts(definition: BpeDefinition, files: SettingsFiles): TokenizerParts {
  const added = new AddedTokens(definition.idOf);
  const settings = applySettings(definition, files, added);
  const tokens = new TokenTable(definition, added.outsideVocabulary);
  const { fuseUnknown, ignoreMerges } = definition;
  return {
    tokens,
    merges: new MergeTable(tokens, definition.merges, definition.mergePosition),
    addedTokens: added.all,
    fuseUnknown,
    ignoreMerges,
    ...settings,
  };
}
