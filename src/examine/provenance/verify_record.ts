import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { throwIfAborted } from '../../base/errors.js';
import { type CoreIdentity, differencesOf } from '../../core/saving/identity.js';
import type { AnyModel } from '../any_model.js';
import { runOperation } from '../run_operation.js';
import { canonicalJson } from './canonical_json.js';
import { recordedChoices } from './hashes.js';
import { isPublicKey, isSigned, sha256 } from './keys.js';
import { type GenerationRecord, readRecord } from './record.js';

/** Text and key that a record is compared with. */
export interface VerifyOptions {
  /** A text that should be one of those that the record is about. */
  readonly text?: string | undefined;
  /** The key that should have signed: `x` of a signing key. Without it, any key is accepted. */
  readonly publicKey?: string | undefined;
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** The findings about a record. */
export interface Verification {
  /** Whether nothing speaks against the record, and the text was computed again with the same bits. */
  readonly isValid: boolean;
  /** Whether the signature is that of the record's key, so that nothing was changed. */
  readonly signature: boolean;
  /** Whether the key is the given one; undefined without one. */
  readonly key: boolean | undefined;
  /** How the record's model differs from this one, as "by another model"; empty if it does not. */
  readonly modelDifferences: string;
  /**
   * Whether the model gives the same texts, tokens and ends again; undefined if it was not asked, since the record is
   * not genuine or is about another model.
   */
  readonly recomputed: boolean | undefined;
  /** Whether the given text is one of the record's; undefined without one. */
  readonly text: boolean | undefined;
  /** The texts that were computed again. */
  readonly texts: readonly string[] | undefined;
}

/**
 * Checks a record of `signGeneration`, as an object or as JSON: the signature, whether this is the model that the
 * record names, and, if both are so, whether the model computes the same texts from prompt and options, token by
 * token. This takes as long as the generation; options of a stranger may ask for a long text, so give a `signal`.
 *
 * Throws `invalid-file` for what is no record, `invalid-option` for wrong options, here and in the record; `aborted`;
 * `runtime` without Ed25519 in WebCrypto.
 */
export async function verifyRecord(
  model: AnyModel,
  record: GenerationRecord | string,
  options: VerifyOptions = {},
): Promise<Verification> {
  checkOptionNames('verifyRecord', options, ['text', 'publicKey', 'signal']);
  const { text, publicKey, signal } = options;
  if (text !== undefined && typeof text !== 'string') throw invalidOption('text', text, 'a string');
  if (publicKey !== undefined && !isPublicKey(publicKey)) {
    throw invalidOption('publicKey', publicKey, 'x of a signing key, 43 characters in base64url');
  }
  const { signature, ...unsigned } = readRecord(record);
  const isGenuine = await isSigned(unsigned.publicKey, signature, canonicalJson(unsigned));
  const key = publicKey === undefined ? undefined : publicKey === unsigned.publicKey;
  const own = await runOperation(model, 'modelIdentity', {}, { signal });
  const modelDifferences = differencesOf(unsigned.model as CoreIdentity, own);
  const isAsked = isGenuine && key !== false && modelDifferences === '';
  const found = isAsked ? await computed(model, unsigned, signal) : undefined;
  const recomputed = found && canonicalJson(found.choices) === canonicalJson(unsigned.choices);
  const hash = text === undefined ? undefined : await sha256(text);
  const isText = hash === undefined ? undefined : unsigned.choices.some((choice) => choice.text === hash);
  return {
    isValid: isGenuine && key !== false && recomputed === true && isText !== false,
    signature: isGenuine,
    key,
    modelDifferences,
    recomputed,
    text: isText,
    texts: found?.texts,
  };
}

async function computed(
  model: AnyModel,
  { prompt, options }: Omit<GenerationRecord, 'signature'>,
  signal: AbortSignal | undefined,
) {
  const { choices } = await model.generate(prompt, { ...options, signal });
  throwIfAborted(signal, 'verifying');
  return { choices: await recordedChoices(choices), texts: choices.map(({ text }) => text) };
}
