import { addedTokenFlags, settingsFiles } from '../files/write_settings.js';
import type { PipelineParts } from './pipeline_parts.js';

/** The files of a tokenizer by name: its own tokenizer.json, with the added tokens of all its files, and the settings. */
export function pipelineFiles(parts: PipelineParts): Record<string, string> {
  const { json, addedTokens, model, kept } = parts;
  const flags = addedTokens.map(addedTokenFlags).sort((a, b) => a.id - b.id);
  const texts = new Map(addedTokens.map(({ id, content }) => [id, content]));
  const nameOf = (id: number | undefined) =>
    id === undefined ? null : (texts.get(id) ?? model.vocabulary.textOf(id) ?? null);
  const { bosTokenId, eosTokenId } = parts;
  return {
    'tokenizer.json': `${JSON.stringify({ ...json, added_tokens: flags })}\n`,
    ...settingsFiles(kept, flags, { bos: nameOf(bosTokenId), eos: nameOf(eosTokenId) }),
  };
}
