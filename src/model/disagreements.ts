import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/**
 * The differences between a model's config and its tokenizer, one sentence each: the tokens at the ends of a
 * text, and the size of the vocabulary. The tokenizer's own notes come first.
 */
export function disagreements(config: ModelConfig, tokenizer: Tokenizer): string[] {
  const { vocabSize, eosTokenIds, bosTokenId } = config;
  const name = (id: number) => {
    const [text] = [...tokenizer.specialTokens].find(([, other]) => other === id) ?? [];
    return text === undefined ? `token ${id}` : `${text} (token ${id})`;
  };
  const notes = [...tokenizer.notes];
  const end = tokenizer.eosTokenId;
  if (end !== undefined && !eosTokenIds.includes(end)) {
    const own = eosTokenIds.map(name).join(' or ');
    notes.push(
      `the tokenizer ends a text with ${name(end)}, but by the model's config ` +
        (own === '' ? 'no token ends a generation' : `a generation ends with ${own}`),
    );
  }
  const start = tokenizer.bosTokenId;
  if (start !== undefined && bosTokenId !== undefined && start !== bosTokenId) {
    notes.push(
      `the tokenizer begins a text with ${name(start)}, but the model's config with ${name(bosTokenId)}, ` +
        'from which an empty prompt starts',
    );
  }
  if (tokenizer.vocabSize > vocabSize) {
    notes.push(
      `the tokenizer has ${tokenizer.vocabSize} tokens, but the model only ${vocabSize}: ids from ${vocabSize} on ` +
        'cannot be used',
    );
  }
  return notes;
}
