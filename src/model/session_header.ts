import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { CoreIdentity } from '../core/saving/identity.js';
import { isJsonObject } from '../files/json_object.js';
import type { TextState } from '../generate/session_text.js';

/** The JSON part of a saved session; keys and values follow it. */
export interface SessionHeader {
  readonly identity: CoreIdentity;
  /** The tokens whose keys and values are saved. */
  readonly tokens: readonly number[];
  readonly text: TextState;
}

const IDENTITY = ['version', 'build', 'weights', 'kvCache', 'model', 'adapters'] as const;

/** The header of a session, from its JSON; undefined unless a model of this config may have written it. */
export function parseHeader(json: string, config: ModelConfig): SessionHeader | undefined {
  const header = parsed(json);
  if (!isJsonObject(header)) return undefined;
  const { identity, tokens, text } = header;
  const isRight =
    isIdentity(identity) &&
    areIds(tokens, config.vocabSize) &&
    tokens.length <= config.contextLength &&
    isText(text, config.vocabSize);
  return isRight ? { identity, tokens, text } : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Messages show parts of it: they must be names and numbers. */
function isIdentity(value: unknown): value is CoreIdentity {
  return isJsonObject(value) && IDENTITY.every((name) => isName(value[name]));
}

const isName = (value: unknown) => typeof value === 'string' && /^[\w-]{0,64}$/.test(value);

function areIds(value: unknown, vocabSize: number): value is number[] {
  return Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0 && id < vocabSize);
}

function isText(value: unknown, vocabSize: number): value is TextState {
  if (!isJsonObject(value)) return false;
  const { ids, rest, allowedSpecial: allowed = 'none', isAppended } = value;
  const isAllowed =
    allowed === 'none' ||
    allowed === 'all' ||
    (Array.isArray(allowed) && allowed.every((token) => typeof token === 'string'));
  return areIds(ids, vocabSize) && typeof rest === 'string' && typeof isAppended === 'boolean' && isAllowed;
}
