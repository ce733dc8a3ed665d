import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelConfig } from '../../../src/architecture/gpt2/config.js';
import { checkWatermark } from '../../../src/generate/rare_options/watermark.js';
import type { ResolvedOptions } from '../../../src/generate/resolved_options.js';
import { greenLists } from '../../../src/generate/watermark/green_lists.js';
import type { ResolvedKgw, ResolvedSynthId } from '../../../src/generate/watermark/resolved_watermark.js';
import type { Watermark } from '../../../src/generate/watermark/watermark.js';
import { watermarkMaker } from '../../../src/generate/watermark/watermark_maker.js';
import { NaiveRow } from '../../support/fake_core.js';
import {
  KGW,
  kgwOf,
  rowsOf,
  SAMPLING_TABLE,
  SYNTH_ID,
  synthIdOf,
  VOCABULARY,
} from '../../support/watermarks.js';

const config = { vocabSize: VOCABULARY } as ModelConfig;
const resolve = (watermark: Watermark) => checkWatermark('watermark', watermark, config);

/** What marks the text after a prompt, before anything is sampled. */
function markOf(watermark: Watermark, prompt: readonly number[]) {
  const greedy = { temperature: 0, beams: 1, penaltyAlpha: 0 } as ResolvedOptions;
  return watermarkMaker(resolve(watermark), VOCABULARY, greedy)(prompt);
}

const sorted = (ids: Iterable<number>) => [...ids].sort((a, b) => a - b);

test("green lists are transformers', by the random numbers of PyTorch", () => {
  for (const each of KGW) {
    const lists = greenLists(resolve(kgwOf(each)) as ResolvedKgw, VOCABULARY);
    each.green_of_previous_token?.forEach((green, id) => {
      assert.equal(sorted(lists.list([id])), sorted(green), `after ${id}`);
      const found = Array.from({ length: VOCABULARY }, (_, token) => token).filter((token) =>
        lists.isGreen([id], token),
      );
      assert.equal(found, sorted(green));
    });
    for (const { context_with_candidate: context, green, candidate_is_green: isGreen } of each.contexts ??
      []) {
      assert.equal(sorted(lists.list(context)), sorted(green), `${context}`);
      assert.is(lists.isGreen(context, context.at(-1)!), isGreen);
    }
  }
});

test("scores with KGW are transformers' to the bit, also with given green lists", () => {
  for (const each of KGW) {
    const given = each.green_of_previous_token && { greenlists: each.green_of_previous_token };
    for (const watermark of [kgwOf(each), { ...kgwOf(each), ...given }]) {
      const { input_ids, input_scores, scores } = each.processor;
      const expected = rowsOf(scores);
      rowsOf(input_scores).forEach((values, i) => {
        const row = new NaiveRow(values);
        markOf(watermark, input_ids[i]!).apply(row.values, row);
        assert.equal(row.values, expected[i]);
      });
    }
  }
});

test('a text that is shorter than the context has no green tokens', () => {
  const row = new NaiveRow(new Float32Array(VOCABULARY));
  markOf({ kind: 'kgw', contextWidth: 3 }, [1, 2]).apply(row.values, row);
  assert.equal(row.values, new Float32Array(VOCABULARY));
});

test("the table of random bits and the scores with SynthID-Text are transformers'", () => {
  let compared = 0;
  for (const each of SYNTH_ID) {
    const { samplingTable } = resolve(synthIdOf(each)) as ResolvedSynthId;
    assert.equal([...samplingTable], SAMPLING_TABLE);
    for (const watermark of [synthIdOf(each), { ...synthIdOf(each), samplingTable: SAMPLING_TABLE }]) {
      each.start_ids.forEach((prompt, text) => {
        const mark = markOf(watermark, prompt);
        for (const { input_scores, scores, next } of each.steps) {
          const row = new NaiveRow(rowsOf(input_scores)[text]!);
          mark.apply(row.values, row);
          rowsOf(scores)[text]!.forEach((expected, id) => {
            const found = row.values[id]!;
            if (!(Math.abs(found - expected) <= 1e-4)) assert.unreachable(`${id}: ${found}, not ${expected}`);
            compared++;
          });
          mark.push(next[text]!);
        }
      });
    }
  }
  assert.is(compared, 2 * 3 * 8 * 2 * VOCABULARY);
});

test('banned tokens stay banned, and others possible, whatever the tournament says', () => {
  const watermark: Watermark = { kind: 'synthid', keys: 5, ngramLen: 2, samplingTableSize: 64 };
  const values = Array.from({ length: VOCABULARY }, (_, id) =>
    id % 3 === 0 ? -Infinity : id === 1 ? 900 : -900,
  );
  const row = new NaiveRow(values);
  markOf(watermark, [1]).apply(row.values, row);
  for (const [id, value] of row.values.entries()) assert.is(Number.isFinite(value), id % 3 !== 0, `${id}`);
});

test('one key makes thirty different ones, others for another key', () => {
  const keysOf = (keys: number) => (resolve({ kind: 'synthid', keys }) as ResolvedSynthId).keys;
  const all = new Set([...keysOf(1), ...keysOf(2), ...keysOf(2 ** 32 + 1)]);
  assert.is(all.size, 90);
});

test.run();
