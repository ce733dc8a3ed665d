import { AddedTokens } from '../added_tokens.js';
import { BytePairEncoder } from '../bpe/bpe.js';
import type { BpeDefinition } from '../bpe/definition.js';
import { MergeTable } from '../bpe/merge_table.js';
import { TokenTable } from '../token_table.js';
import type { TokenizerParts } from '../tokenizer_parts.js';
import { applySettings, type SettingsFiles } from './settings.js';

/** Makes the parts of a tokenizer from a definition and settings, and checks that they agree. */
export function tokenizerParts(definition: BpeDefinition, files: SettingsFiles): TokenizerParts {
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
    createEncoder: () => new BytePairEncoder(tokens, merges, rules),
  };
}
