import { show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { AddedToken } from '../added_tokens.js';
import { MAX_TOKEN_ID } from '../token_table.js';
import type { PipelineParts } from './pipeline_parts.js';

/** Throws `invalid-file` for an added token with the id of another token. */
export function checkAdded({ addedTokens, model, file }: PipelineParts): void {
  const byId = new Map<number, AddedToken>();
  for (const token of addedTokens) {
    const { id, content } = token;
    const other = byId.get(id)?.content ?? model.vocabulary.textOf(id);
    if (!isId(id) || (other !== undefined && other !== content)) {
      const problem = isId(id) ? `that of ${show(other)}` : 'no id';
      throw new Gpt2Error(
        'invalid-file',
        `${file}: the added token ${show(content)} has the id ${id}, ${problem}`,
      );
    }
    byId.set(id, token);
  }
}

const isId = (id: number) => Number.isInteger(id) && id >= 0 && id <= MAX_TOKEN_ID;
