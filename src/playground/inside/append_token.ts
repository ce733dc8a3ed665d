import type { WorkerModel } from '../../worker/worker_model.js';
import { changeBetween, withLineFeeds } from '../document/tokenized_text.js';
import type { Draw } from './draw.js';
import type { Version } from './text_steps.js';

/** A version with one more token at the caret. `ids`: the tokens before the caret. */
export async function appendToken(
  { tokenizer }: WorkerModel,
  version: Version,
  ids: readonly number[],
  id: number,
  draw?: Draw,
): Promise<Version> {
  const decode = async (some: readonly number[]) => withLineFeeds(await tokenizer.decode(some));
  const [before, after] = await Promise.all([decode(ids), decode([...ids, id])]);
  // A token may complete the character that the one before it began.
  const { at } = changeBetween(before, after);
  const head = version.text.slice(0, version.caret - (before.length - at)) + after.slice(at);
  return {
    text: head + version.text.slice(version.caret),
    caret: head.length,
    ids: [...ids, id],
    draw,
  };
}
