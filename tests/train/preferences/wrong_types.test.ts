// As tests/e2e/failures/wrong_types.test.ts, for the options and the examples of runs on preferences.
import { test } from 'uvu';
import type { AnswerRules } from '../../../src/train/preferences/answer_rows.js';
import { answerRows } from '../../../src/train/preferences/answer_rows.js';
import { asJudged, asPairs, encodePreferences } from '../../../src/train/preferences/encode_preferences.js';
import { resolvePreferenceOptions } from '../../../src/train/preferences/preference_options.js';
import { resolveRewardOptions } from '../../../src/train/rewards/reward_options.js';
import { rewardRows } from '../../../src/train/rewards/reward_rows.js';
import { triesWrongTypes } from '../../support/wrong_types.js';
import { tokenizer } from '../tiny.js';

const RULES: AnswerRules = { tokenizer, vocabSize: 512, length: 8, startOfText: 1, endOfText: 0 };
const PAIR = { prompt: 'A', chosen: [1], rejected: [2] };
const OPTIONS = { model: 'gpt2', data: [PAIR], validation: [PAIR], contextLength: 8, steps: 1 };

/** Encodes an example, in one of three ways. */
const encodes = (encode: ReturnType<typeof asPairs>) => (example: never) =>
  encodePreferences({ data: [example], validation: 0, seed: 0 }, encode, RULES.length);

triesWrongTypes(test, {
  'options of PreferenceTrainer': [
    async (options: never) => void resolvePreferenceOptions(options),
    { ...OPTIONS, loss: 'simpo', beta: 1, gamma: 1, onProgress: undefined, adapters: undefined },
  ],
  'options of RewardTrainer': [async (options: never) => void resolveRewardOptions(options), OPTIONS],
  'a pair of PreferenceTrainer': [
    encodes(
      asPairs(({ prompt, chosen, rejected }, cut) => answerRows(prompt, { chosen, rejected }, RULES, cut)),
    ),
    PAIR,
  ],
  'an answer of PreferenceTrainer': [encodes(asJudged(RULES)), { prompt: 'A', completion: [1], label: true }],
  'a pair of RewardTrainer': [
    encodes(asPairs((pair, cut) => rewardRows(pair, { ...RULES, padTokenId: 0 }, cut))),
    PAIR,
  ],
});

test.run();
