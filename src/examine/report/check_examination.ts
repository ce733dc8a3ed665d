import { checkArray } from '../../base/check_lists.js';
import { invalidOption } from '../../base/check_options.js';
import { LARGEST_F32 } from '../../base/finite.js';
import type { ByPosition } from '../robustness/by_position.js';
import type { Examination } from '../text/examination.js';

type Fields = Readonly<Record<string, unknown>>;

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => Number.isFinite(value);
/** Sums of such numbers are finite too. */
const isF32 = (value: unknown) => isNumber(value) && Math.abs(value as number) <= LARGEST_F32;
// A field that is undefined is absent once it has been JSON.
const isOptional = (value: unknown) => value === undefined || isNumber(value);
const fieldsOf = (value: unknown) => (typeof value === 'object' && value !== null ? value : {}) as Fields;
const all = (value: unknown, passes: (item: unknown) => boolean, ...names: readonly string[]) =>
  names.every((name) => passes(fieldsOf(value)[name]));

const isToken = (token: unknown) =>
  all(token, isText, 'text') &&
  all(token, isNumber, 'id', 'start', 'end') &&
  all(token, isOptional, 'logprob', 'surprisal', 'rank', 'entropy', 'context') &&
  isList(
    fieldsOf(token).top,
    (likely) => all(likely, isText, 'text') && all(likely, isNumber, 'id', 'logprob'),
  );

const isSpan = (span: unknown) =>
  all(span, isText, 'text') &&
  all(span, isNumber, 'start', 'end', 'firstToken', 'tokenCount', 'logprob') &&
  all(span, isOptional, 'surprisal', 'perplexity');

const isWord = (word: unknown) =>
  isSpan(word) && all(word, isNumber, 'correctedLogprob', 'correctedSurprisal');

const isList = (value: unknown, passes: (item: unknown) => boolean) =>
  Array.isArray(value) && value.every(passes);

/** Throws `invalid-option` unless a value, which may have been JSON, has the fields of an examination. */
export function checkExamination(name: string, value: unknown): asserts value is Examination {
  const { tokens, words, sentences, bins } = fieldsOf(value);
  const right = 'the result of examine';
  if (
    !all(value, isText, 'text') ||
    !all(value, isNumber, 'scoredTokens', 'sum', 'mean', 'perplexity', 'endLogprob') ||
    !all(value, isOptional, 'bitsPerByte', 'stride') ||
    !all(bins, isNumber, 'top10', 'top100', 'top1000', 'rest')
  ) {
    throw invalidOption(name, value, right);
  }
  checkArray(`${name}.tokens`, tokens, right, isToken);
  checkArray(`${name}.words`, words, right, isWord);
  checkArray(`${name}.sentences`, sentences, right, isSpan);
}

/** Throws `invalid-option` unless a value has the fields of positions. */
export function checkPositions(name: string, value: unknown): asserts value is ByPosition {
  const { means, buckets } = fieldsOf(value);
  const right = 'the result of byPosition';
  const isMeasured = means instanceof Float64Array && Array.isArray(buckets) && buckets.length > 0;
  if (!isMeasured) throw invalidOption(name, value, right);
  checkArray(
    `${name}.buckets`,
    buckets,
    right,
    (bucket) =>
      all(bucket, isNumber, 'from', 'to', 'tokens', 'perplexity') &&
      all(bucket, isF32, 'mean') &&
      (fieldsOf(bucket).standardError === undefined || all(bucket, isF32, 'standardError')),
  );
}
