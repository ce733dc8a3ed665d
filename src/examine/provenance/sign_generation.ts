import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { idList } from '../../base/id_list.js';
import { isJsonObject } from '../../files/json_object.js';
import type { Choice, Completion } from '../../generate/completion.js';
import type { GenerateOptions } from '../../generate/options.js';
import type { Prompt } from '../../generate/prompt.js';
import { isSearch } from '../../generate/resolved_options.js';
import type { AnyModel } from '../any_model.js';
import { runOperation } from '../run_operation.js';
import { canonicalJson } from './canonical_json.js';
import { recordedChoices } from './hashes.js';
import { checkedKey, type SigningKey, sign } from './keys.js';
import { plainOptions } from './plain_options.js';
import { type GenerationRecord, RECORD_TYPE, RECORD_VERSION } from './record.js';

/** How a completion came about, and who says so. */
export interface SignOptions {
  /** The prompt that was given to `generate`. The record has it in plain text. */
  readonly prompt: Prompt;
  /** The options that were given to `generate`. */
  readonly options?: GenerateOptions | undefined;
  /** What `createSigningKey` gave. */
  readonly key: SigningKey;
}

/**
 * A signed record of a completion: model, prompt, options with the seed, hashes of the texts, time. Since the same
 * model, prompt and options give the same bits, `verifyRecord` can compute the text again from it. The signature
 * (Ed25519) says that the owner of the key made this statement, not that it is true: verifying shows that. In the
 * simd build texts are the same on every machine, in the relaxed build perhaps not.
 *
 * The completion must come from `generate` or `stream` of a model, not of a session. The record holds prompt and
 * options, also the key of a watermark: whoever gets the record can read them.
 *
 * Throws `invalid-option` for options that JSON cannot hold, such as functions and models, for a completion that was
 * aborted, and for a wrong key; `runtime` without Ed25519 in WebCrypto (see `createSigningKey`).
 */
export async function signGeneration(
  model: AnyModel,
  completion: Pick<Completion, 'choices' | 'seed'>,
  signOptions: SignOptions,
): Promise<GenerationRecord> {
  checkOptionNames('signGeneration', signOptions, ['prompt', 'options', 'key']);
  const { prompt, options = {}, key } = signOptions;
  const { choices, seed } = (completion ?? {}) as Partial<Completion>;
  if (
    !Array.isArray(choices) ||
    choices.length === 0 ||
    !choices.every(isChoice) ||
    !Number.isInteger(seed)
  ) {
    throw invalidOption('completion', completion, 'what generate gives');
  }
  if (!isJsonObject(options)) throw invalidOption('options', options, 'an object');
  checkedKey(key);
  if (choices.some(({ finishReason }) => finishReason === 'aborted')) {
    throw new Gpt2Error(
      'invalid-option',
      'the completion was aborted, so that nobody could compute it again',
    );
  }
  const plain = plainOptions(options);
  const { beams = 1, penaltyAlpha = 0 } = options as GenerateOptions;
  const unsigned: Omit<GenerationRecord, 'signature'> = {
    type: RECORD_TYPE,
    version: RECORD_VERSION,
    model: {
      ...(await runOperation(model, 'modelIdentity', {}, {})),
      contextLength: model.config.contextLength,
    },
    prompt:
      typeof prompt === 'string' ? prompt : idList(prompt, 'the prompt', 'a string or an array of token ids'),
    // A search draws nothing, and refuses a seed.
    options: isSearch({ beams, penaltyAlpha }) ? plain : { ...plain, seed: seed! },
    choices: await recordedChoices(choices),
    time: new Date().toISOString(),
    publicKey: key.x,
  };
  return { ...unsigned, signature: await sign(key, canonicalJson(unsigned)) };
}

function isChoice(choice: unknown): choice is Choice {
  const { text, tokens, finishReason } = isJsonObject(choice) ? choice : {};
  return typeof text === 'string' && Array.isArray(tokens) && typeof finishReason === 'string';
}
