import { checkOptionNames, invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import type { Model } from '../model/model.js';

/** A model, or a function that loads it when it is first asked for. */
export type ServedModel = Model | (() => Promise<Model>);

/** What requests may take. Beyond it they are refused with a message that says so. */
export interface Limits {
  /** Bytes of a request's body: default 2 MiB. */
  readonly bodyBytes: number;
  /** Prompts of a request: default 256. */
  readonly prompts: number;
  /**
   * Tokens that a request may ask for, of all prompts and choices together: default 65,536. The part of `max_tokens`
   * that is longer than the context does not count.
   */
  readonly tokens: number;
  /** Requests that compute or wait at the same time; further ones get status 503: default 256. */
  readonly requests: number;
  /** Streams that are open at the same time, also while nobody reads them: default 1024. */
  readonly streams: number;
  /** Milliseconds after which a stream that is not read is ended: default 60,000. */
  readonly unreadMs: number;
  /** Milliseconds after which a request is ended: default 600,000. */
  readonly requestMs: number;
}

/** A request that has been answered, for a log. Nothing in it is from the texts. */
export interface AccessEntry {
  /** The HTTP method. */
  readonly method: string;
  /** The path of the address, without a query. */
  readonly path: string;
  /** The status of the answer. */
  readonly status: number;
  /** Milliseconds until the end of the answer, also of a stream. */
  readonly ms: number;
  /** The served name of the model, if the request used one. */
  readonly model?: string;
  /** Tokens of all prompts. */
  readonly promptTokens?: number;
  /** Tokens that were generated. */
  readonly completionTokens?: number;
}

/** How requests are answered. */
export interface HandlerOptions {
  /** The served models by their names, at least one. A request without `model` means the first. */
  readonly models: Readonly<Record<string, ServedModel>>;
  /** Requests must have the header `Authorization: Bearer KEY` with this key; `/health` needs none. Default: no key. */
  readonly apiKey?: string | undefined;
  /** Other limits in place of the defaults. */
  readonly limits?: Partial<Limits> | undefined;
  /**
   * Origins, such as `https://example.com`, whose pages may use the server. Default: none; requests of a page are then
   * refused.
   */
  readonly origins?: readonly string[] | undefined;
  /** Called at the end of each answer. */
  readonly onAnswer?: ((entry: AccessEntry) => void) | undefined;
  /** Called with errors that are the server's fault; answers do not show them. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** How a server stops. */
export interface CloseOptions {
  /** Milliseconds for answers in progress to be finished; then they are ended. Default 10,000. */
  readonly graceMs?: number | undefined;
}

/** An HTTP server's answers, on web standards. */
export interface Handler {
  /** Answers a request. It may be passed around without the handler. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Refuses new requests with status 503, lets those in progress finish, ends the others, and disposes the models that
   * the handler has loaded itself. Resolves when no answer is in progress.
   */
  close(options?: CloseOptions): Promise<void>;
}

const DEFAULT_LIMITS: Limits = {
  bodyBytes: 2 * 2 ** 20,
  prompts: 256,
  tokens: 65_536,
  requests: 256,
  streams: 1024,
  unreadMs: 60_000,
  requestMs: 600_000,
};

const OPTION_NAMES = Object.keys({
  models: true,
  apiKey: true,
  limits: true,
  origins: true,
  onAnswer: true,
  onError: true,
} satisfies Record<keyof HandlerOptions, true>);

/** Timers take no more milliseconds than this. */
const MOST = 2 ** 31 - 1;

/** The options with all limits. Throws `invalid-option`. */
export function resolveHandlerOptions(options: HandlerOptions): HandlerOptions & { readonly limits: Limits } {
  checkOptionNames('createHandler', options, OPTION_NAMES);
  const { models, apiKey, limits = {}, origins = [] } = options;
  if (typeof models !== 'object' || models === null || Object.keys(models).length === 0) {
    throw invalidOption(
      'models',
      models,
      'an object with a model, or a function that loads it, for each name',
    );
  }
  for (const [name, model] of Object.entries(models)) {
    const isModel = typeof model === 'function' || typeof model?.stream === 'function';
    if (!isModel) throw invalidOption(`models.${name}`, model, 'a model, or a function that loads it');
  }
  if (apiKey !== undefined && !(typeof apiKey === 'string' && /^[!-~]+$/.test(apiKey))) {
    const right = 'a string of visible ASCII characters, which a header can carry';
    throw new Gpt2Error('invalid-option', `apiKey must be ${right}`);
  }
  if (!Array.isArray(origins) || !origins.every((origin) => typeof origin === 'string')) {
    throw invalidOption('origins', origins, 'an array of origins such as "https://example.com"');
  }
  checkOptionNames('limits', limits, Object.keys(DEFAULT_LIMITS));
  const all = { ...DEFAULT_LIMITS };
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) continue;
    if (!(Number.isInteger(value) && value >= 1 && value <= MOST)) {
      throw invalidOption(`limits.${name}`, value, `a whole number from 1 to ${MOST}`);
    }
    all[name as keyof Limits] = value;
  }
  return { ...options, limits: all };
}
