import type { WorkerModel } from '../../worker/worker_model.js';
import { NextTokens } from './next_tokens.js';
import type { Version } from './text_steps.js';

/** What the model makes of the text before the caret. */
export interface Reading {
  readonly ids: readonly number[];
  /** How many tokens at the beginning are left out because the context is full. */
  readonly leftOut: number;
  readonly next: NextTokens;
}

/**
 * The tokens before the caret, the last ones if the context holds no more; with an empty text the token that begins a
 * text. `[]` if there is none.
 */
export async function idsOf(
  { config, tokenizer }: WorkerModel,
  version: Version,
): Promise<readonly number[]> {
  const { text, caret, ids } = version;
  if (ids !== undefined) return ids;
  if (caret > 0) return tokenizer.encode(text.slice(0, caret));
  return config.bosTokenId === undefined ? [] : [config.bosTokenId];
}

/** Reads the text; undefined if there is nothing to read. */
export async function read(model: WorkerModel, version: Version): Promise<Reading | undefined> {
  const all = await idsOf(model, version);
  if (all.length === 0) return undefined;
  const ids = all.slice(-model.config.contextLength);
  const next = new NextTokens(await model.logits(ids, { from: ids.length - 1 }));
  return { ids, leftOut: all.length - ids.length, next };
}
