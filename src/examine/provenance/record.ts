import { Gpt2Error } from '../../base/errors.js';
import { parseJsonObject } from '../../files/json.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { isPublicKey, isSignature } from './keys.js';
import type { Plain } from './plain_options.js';

/** Hashes of a choice: SHA-256 in hexadecimal digits. */
export interface RecordedChoice {
  /** Of the text in UTF-8. */
  readonly text: string;
  /** Of the token ids, in decimal digits with commas between them. */
  readonly tokens: string;
  /** Why it ended; see `FinishReason`. */
  readonly finishReason: string;
}

/** The model, and all else that the bits of a completion depend on. */
export interface RecordedModel {
  /** Of the core's numbers. */
  readonly version: string;
  /** `simd` or `relaxed`. */
  readonly build: string;
  /** Format of the matrices. */
  readonly weights: string;
  /** Format of keys and values. */
  readonly kvCache: string;
  /** Context length in tokens. */
  readonly contextLength: number;
  /** Hash of config and weights. */
  readonly model: string;
  /** Hash of the adapters beside the weights; empty if there are none. */
  readonly adapters: string;
}

/** A signed record of a generation: JSON. */
export interface GenerationRecord {
  /** Tells records from other JSON. */
  readonly type: 'gpt2-wasm generation';
  /** Of this form of records. */
  readonly version: 1;
  /** The model that wrote the text, and how it ran. */
  readonly model: RecordedModel;
  /** The text or the token ids that were continued. */
  readonly prompt: string | readonly number[];
  /** Options of `generate` with the seed; those that change no completion are left out. */
  readonly options: Readonly<Record<string, Plain>>;
  /** The choices of the completion, by index. */
  readonly choices: readonly RecordedChoice[];
  /** When it was signed, as the signer says: ISO 8601. */
  readonly time: string;
  /** Ed25519 key in base64url. */
  readonly publicKey: string;
  /** Ed25519 signature in base64url of the canonical JSON (RFC 8785) of all other fields. */
  readonly signature: string;
}

export const RECORD_TYPE = 'gpt2-wasm generation';
export const RECORD_VERSION = 1;
/** Records have some kilobytes. */
const MOST_CHARACTERS = 2 ** 24;
const HASH = /^[\da-f]{64}$/;
/** Fields that are shown hold no line breaks and no codes that a terminal obeys. */
const WORD = /^[\w.-]{0,64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const MODEL_FIELDS = ['version', 'build', 'weights', 'kvCache', 'model', 'adapters'];
const FIELDS = ['type', 'version', 'model', 'prompt', 'options', 'choices', 'time', 'publicKey', 'signature'];

/** A record from its JSON, as a text or parsed. Throws `invalid-file`. */
export function readRecord(given: unknown): GenerationRecord {
  const json = typeof given === 'string' ? given : jsonOf(given);
  if (json.length > MOST_CHARACTERS) throw invalid('is too long');
  const record = parseJsonObject(json, 'the record');
  if (record.type !== RECORD_TYPE) {
    throw invalid(`has no type ${JSON.stringify(RECORD_TYPE)}: it is something else`);
  }
  if (record.version !== RECORD_VERSION) throw invalid('was written by another version of gpt2-wasm');
  const unknown = Object.keys(record).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) throw invalid(`has an unknown field ${JSON.stringify(unknown)}`);
  const wrong = FIELDS.find((name) => name in CHECKS && !CHECKS[name]!(record[name]));
  if (wrong !== undefined) throw invalid(`has no valid ${wrong}`);
  return record as unknown as GenerationRecord;
}

/** Given objects may be deep or have circles; what is parsed has neither. */
function jsonOf(given: unknown): string {
  try {
    return JSON.stringify(given) ?? '';
  } catch {
    throw invalid('is not JSON');
  }
}

const matches = (pattern: RegExp, value: unknown) => typeof value === 'string' && pattern.test(value);

const isChoice = (choice: unknown) => {
  const { text, tokens, finishReason } = isJsonObject(choice) ? choice : ({} as JsonObject);
  return matches(HASH, text) && matches(HASH, tokens) && matches(WORD, finishReason);
};

const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  model: (model) =>
    isJsonObject(model) &&
    Number.isInteger(model.contextLength) &&
    MODEL_FIELDS.every((name) => matches(WORD, model[name])),
  prompt: (prompt) => typeof prompt === 'string' || (Array.isArray(prompt) && prompt.every(Number.isInteger)),
  options: isJsonObject,
  choices: (choices) => Array.isArray(choices) && choices.length > 0 && choices.every(isChoice),
  time: (time) => matches(TIME, time),
  publicKey: isPublicKey,
  signature: isSignature,
};

const invalid = (why: string) => new Gpt2Error('invalid-file', `the record ${why}`);
