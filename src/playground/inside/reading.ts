import type { Edit } from '../../core/hooks/edit.js';
import type { WorkerModel } from '../../worker/worker_model.js';
import { NextTokens } from './next_tokens.js';
import type { Version } from './text_steps.js';

/** Most tokens of a continuation. */
const CONTINUED = 20;

/** What the model makes of the text before the caret. */
export interface Reading {
  readonly ids: readonly number[];
  /** Whether the context holds only the last tokens of the text. */
  readonly isCut: boolean;
  /** Whether nothing is before the caret: the model reads the token that begins a text. */
  readonly isBeginning: boolean;
  readonly next: NextTokens;
  /** With the changes of the model, if there are any. */
  changed?: NextTokens | undefined;
  /** How the text goes on without changes, once it was asked for. */
  continued?: string | undefined;
}

/**
 * The tokens before the caret, special ones if they are spelled out; with an empty text the token that begins a text.
 * `[]` if there is none.
 */
async function idsOf({ config, tokenizer }: WorkerModel, version: Version): Promise<readonly number[]> {
  const { text, caret, ids } = version;
  const all =
    ids ?? (caret > 0 ? await tokenizer.encode(text.slice(0, caret), { allowedSpecial: 'all' }) : []);
  if (all.length > 0) return all;
  return config.bosTokenId === undefined ? [] : [config.bosTokenId];
}

/** Reads the text, its last tokens if the context holds no more; undefined if there is nothing to read. */
export async function read(model: WorkerModel, version: Version): Promise<Reading | undefined> {
  const all = await idsOf(model, version);
  if (all.length === 0) return undefined;
  const ids = all.slice(-model.config.contextLength);
  const next = await nextTokens(model, ids);
  return { ids, isCut: ids.length < all.length, isBeginning: version.caret === 0, next };
}

export async function nextTokens(
  model: WorkerModel,
  ids: readonly number[],
  edit?: readonly Edit[],
): Promise<NextTokens> {
  return new NextTokens(await model.logits(ids, { from: ids.length - 1, edit }));
}

/** How a text goes on if the likeliest token is always taken. */
export async function continuation(
  model: WorkerModel,
  ids: readonly number[],
  signal: AbortSignal,
  edit?: readonly Edit[],
): Promise<string> {
  const { contextLength } = model.config;
  const kept = Math.max(1, contextLength - CONTINUED);
  const maxTokens = contextLength - kept;
  const prompt = ids.slice(-kept);
  const { text } = await model.generate(prompt, { maxTokens, temperature: 0, edit, signal });
  return text;
}
