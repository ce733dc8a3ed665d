import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkIgnored, exactMatch } from '../../../../src/examine/evaluation/metrics/exact_match.js';
import { applyFilters, checkFilters } from '../../../../src/examine/evaluation/metrics/filters.js';
import { aggregate } from '../../../../src/examine/evaluation/metrics/metrics.js';
import {
  pooledStandardError,
  standardError,
} from '../../../../src/examine/evaluation/metrics/standard_error.js';
import { near } from '../../../support/near.js';
import { thrown } from '../../../support/thrown.js';

test('values of documents become one number', () => {
  near(aggregate('mean', [[1], [2], [6]])!, 3, 0);
  near(aggregate('median', [[5], [1], [3], [9]])!, 5, 0);
  near(aggregate('perplexity', [[-1], [-3]])!, Math.exp(2), 1e-12);
  near(aggregate('weighted_perplexity', [[-1, 2], [-3, 6]])!, Math.exp(0.5), 1e-12); // biome-ignore format: pairs
  near(aggregate('bits_per_byte', [[-1, 2], [-3, 6]])!, 0.5 / Math.LN2, 1e-12); // biome-ignore format: pairs
  assert.is(aggregate('weighted_perplexity', [[0, 0]]), undefined);
  assert.is(aggregate('perplexity', [[-1e6]]), undefined);
});

// Expected numbers are those of scikit-learn's definitions, computed by hand.
test('classes have F1, the correlation of Matthews, and the score of Brier', () => {
  const pairs = [[1, 1], [1, 0], [0, 1], [0, 0], [1, 1]]; // biome-ignore format: pairs
  near(aggregate('f1', pairs)!, 2 / 3, 1e-12);
  // (TP TN - FP FN) / sqrt((TP + FP) (TP + FN) (TN + FP) (TN + FN))
  near(aggregate('matthews_corrcoef', pairs)!, (2 * 1 - 1 * 1) / Math.sqrt(3 * 3 * 2 * 2), 1e-12);
  assert.is(aggregate('matthews_corrcoef', [[1, 1], [0, 1]]), 0); // biome-ignore format: pairs
  // scikit-learn's of three classes: (right n - sum) / root of products.
  const three = [[0, 0], [1, 1], [2, 1], [2, 2], [-1, 0]]; // biome-ignore format: pairs
  near(aggregate('matthews_corrcoef', three)!, (3 * 5 - 6) / Math.sqrt((25 - 7) * (25 - 9)), 1e-12);
  near(aggregate('brier_score', [[1, 0.25, 0.75], [0, 0.5, 0.5]])!, (0.125 + 0.5) / 2, 1e-12); // biome-ignore format: rows
});

test('standard errors are those of the formula or of a seeded bootstrap', () => {
  const options = { seed: 3, iterations: 500 };
  const values = Array.from({ length: 200 }, (_, i) => [(i * 37) % 101]);
  const byFormula = standardError('mean', values, options)!;
  const mean = values.reduce((sum, [value]) => sum + value!, 0) / 200;
  const squares = values.reduce((sum, [value]) => sum + (value! - mean) ** 2, 0);
  near(byFormula, Math.sqrt(squares / 199 / 200), 1e-12);
  // A weighted mean with equal weights is a mean: its bootstrap comes near the formula.
  const weighted = values.map(([value]) => [-value! * Math.LN2, 1]);
  const byBootstrap = standardError('bits_per_byte', weighted, options)!;
  near(byBootstrap / byFormula, 1, 0.15);
  assert.is(standardError('bits_per_byte', weighted, options), byBootstrap);
  assert.is.not(standardError('bits_per_byte', weighted, { ...options, seed: 4 }), byBootstrap);
  assert.is(standardError('bits_per_byte', weighted, { ...options, iterations: 0 }), undefined);
  assert.is(standardError('mean', [[1]], options), undefined);
  near(
    pooledStandardError([0.1, 0.2], [11, 21])!,
    Math.sqrt((10 * 0.01 * 11 + 20 * 0.04 * 21) / 30 / 32),
    1e-12,
  );
});

test('filters change texts in order', async () => {
  const filter = (...steps: object[]) => ({ name: 'x', filter: steps as { function: string }[] });
  const regex = (regex_pattern: string, more = {}) => filter({ function: 'regex', regex_pattern, ...more });
  const one = (text: string, config: ReturnType<typeof filter>) => applyFilters([text], config)[0];
  assert.is(one('so #### -1,234.5 and #### 7', filter({ function: 'regex' })), '-1,234.5');
  assert.is(one('a1 b22 c3', regex('\\d+')), '1');
  assert.is(one('a1 b22 c3', regex('\\d+', { group_select: -1 })), '3');
  assert.is(one('is (B)', regex('(X)|\\((\\w)\\)')), 'B');
  assert.is(one('\n- B\n', regex('(?s)^.\\- (?P<letter>B)')), 'B');
  assert.is(one('B', regex('(X)?|(Y)?')), '[invalid]');
  assert.is(one('nothing', regex('\\d+')), '[invalid]');
  assert.is(one('nothing', regex('\\d+', { fallback: '?' })), '?');
  assert.is(one(' A b ', filter({ function: 'lowercase' }, { function: 'remove_whitespace' })), 'a b');
  assert.is(one('yes', filter({ function: 'map', mapping_dict: { yes: '1' }, default_value: '0' })), '1');
  assert.is(one('constructor', filter({ function: 'map', mapping_dict: {}, default_value: '0' })), '0');
  assert.equal(applyFilters(['b', 'a', 'a', 'b', 'a'], filter({ function: 'majority_vote' })), ['a']);
  assert.equal(applyFilters(['b', 'a', 'c'], filter({ function: 'take_first_k', k: 2 })), ['b', 'a']);
  await thrown(() => checkFilters([filter({ function: 'wordnet' })], 'x'), 'invalid-file', /filter wordnet/);
  await thrown(() => checkFilters([regex('(')], 'x'), 'invalid-file', /x has the regex_pattern \(/);
  await thrown(() => checkFilters([], 'x'), 'invalid-file', /x has an empty filter_list/);
  for (const step of [
    { function: 'take_first_k' },
    { function: 'take_first_k', k: 0 },
    { function: 'regex', regex_pattern: 5 },
    { function: 'regex', group_select: 'last' },
    { function: 'map', mapping_dict: null },
  ]) {
    await thrown(() => checkFilters([filter(step)], 'x'), 'invalid-file', /it must be/);
  }
});

test('texts match after the changes that a metric asks for', async () => {
  const matches = (a: string, b: string, options = {}) =>
    exactMatch(a, b, { metric: 'exact_match', ...options });
  assert.ok(matches('a b', 'a b'));
  assert.not(matches('A b', 'a b'));
  assert.ok(matches('A b', 'a b', { ignore_case: true }));
  assert.ok(matches('"a", b!', 'a b', { ignore_punctuation: true }));
  assert.ok(matches('a1', 'a22', { ignore_numbers: true }));
  assert.ok(matches('The answer is a', 'a', { regexes_to_ignore: ['^The answer is '] }));
  // Those of GSM8K.
  const regexes_to_ignore = [',', '\\$', '(?s).*#### ', '\\.$'];
  assert.ok(matches('2 + 2\n= 4\n#### $4,000.', '4000', { regexes_to_ignore }));
  const wrong = { metric: 'exact_match', regexes_to_ignore: ['('] };
  await thrown(
    () => checkIgnored(wrong, 'x'),
    'invalid-file',
    /exact_match of x has in regexes_to_ignore \(/,
  );
});

test.run();
