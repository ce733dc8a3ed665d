import * as assert from 'uvu/assert';
import { BeamSearch, type BeamSearchOptions } from '../../src/generate/search/beam_search.js';
import { NaiveRow } from './fake_core.js';

/** Settings of one group without end, with which tests begin. */
export const PLAIN_BEAMS: BeamSearchOptions = {
  beams: 1,
  groups: 1,
  diversityPenalty: 0,
  lengthPenalty: 1,
  earlyStopping: false,
  maxTokens: 1,
  maxTokensReason: 'length',
  endTokens: new Set(),
  stops: () => false,
  createProcessors: () => [],
};

/**
 * Runs a beam search to its end. Each live text is followed by its parents alone, as caches are.
 * `logitsOf`: the logits [V] after generated tokens.
 */
export async function runBeams(
  options: Partial<BeamSearchOptions>,
  logitsOf: (tokens: readonly number[]) => ArrayLike<number> | Promise<ArrayLike<number>>,
): Promise<BeamSearch> {
  const all = { ...PLAIN_BEAMS, ...options };
  const search = new BeamSearch(all);
  let texts: readonly (readonly number[])[] = [[]];
  while (search.live.length > 0) {
    assert.ok(search.live.length <= all.beams);
    for (const tokens of texts) {
      const row = new NaiveRow(await logitsOf(tokens));
      search.read(row);
      row.spoil();
    }
    const before = texts;
    texts = search.live.map(({ tokens, parent }) => [...before[parent]!, tokens.at(-1)!]);
    assert.equal(
      texts,
      search.live.map(({ tokens }) => tokens),
      'the tokens of the parents',
    );
  }
  return search;
}
