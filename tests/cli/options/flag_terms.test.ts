import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inFlagTerms } from '../../../src/cli/options/flag_terms.js';

test('messages name options by their flags; prose and paths stay', () => {
  for (const [message, expected] of [
    ['topP is 3; it must be a number from 0 to 1', '--top-p is 3; it must be a number from 0 to 1'],
    ['stop[1] is ""; it must be a string', '--stop[1] is ""; it must be a string'],
    ['logitBias[5] is 101', '--logit-bias[5] is 101'],
    ['patience needs a validation share above 0', '--patience needs a validation share above 0'],
    [
      'a smaller batchSize or contextLength, recompute or lora needs less',
      'a smaller --batch-size or --context-length, --recompute or --lora needs less',
    ],
    ['returned is 2, but beams is 1: set beams to 2', '--returned is 2, but --beams is 1: set --beams to 2'],
    [
      'n is 2: a search samples not; set returned instead',
      '--n is 2: a search samples not; set --returned instead',
    ],
    ['layers is an array; it must be a list', '--layers is an array; it must be a list'],
    ['the seed is random, and stop is a word', 'the seed is random, and stop is a word'],
    ['there is no folder ./lora/topK or lora-topK', 'there is no folder ./lora/topK or lora-topK'],
  ]) {
    assert.is(inFlagTerms(message!), expected);
  }
});

test.run();
