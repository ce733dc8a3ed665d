import { checkOptionNames, invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { isJsonObject } from '../files/json_object.js';
import { loadedModels } from '../generate/loaded_models.js';
import type { AdapterChoice } from '../model/adapters/adapter_choice.js';
import type { Model } from '../model/model.js';
import { checkUsers, type ServedUsers } from './users/served_users.js';

/** How a model is loaded, when it is needed and not in memory. */
export interface ModelLoader {
  /** Most bytes that the loaded model takes, as its option `maxMemory`; required if the handler has `maxMemory`. */
  readonly bytes?: number | undefined;
  /**
   * Loads the model. It is disposed when it leaves memory, and loaded again when it is asked for. If this rejects, the
   * requests that wait fail.
   */
  load(): Promise<Model>;
}

/** A model, or how to load it when it is first asked for; a function is a loader's `load`. */
export type ServedModel = Model | ModelLoader | (() => Promise<Model>);

/** LoRA adapters that are served under a name of their own. */
export interface ServedAdapters {
  /** The name in `models` of the model that they change. */
  readonly model: string;
  /** As `model.withAdapters` takes them. */
  readonly adapters: readonly AdapterChoice[];
}

/** What requests may take. Beyond it they are refused with a message that says so. */
export interface Limits {
  /** Bytes of a request's body: default 2 MiB. */
  readonly bodyBytes: number;
  /** Prompts of a request: default 256. */
  readonly prompts: number;
  /** Texts of a request for embeddings, scores or moderations: default 2048, which OpenAI's clients send at once. */
  readonly inputs: number;
  /**
   * Tokens that a request may ask for, of all prompts and choices together: default 65,536. The part of `max_tokens`
   * that is longer than the context does not count. As many of prompts may be told again with further choices.
   */
  readonly tokens: number;
  /** Requests that compute or wait at the same time; further ones get status 503: default 256. */
  readonly requests: number;
  /** Streams that are open at the same time, also while nobody reads them: default 1024. */
  readonly streams: number;
  /** Users whose adapters are in memory at the same time; requests of further ones wait: default 16. */
  readonly users: number;
  /** Milliseconds after which a stream that is not read is ended: default 60,000. */
  readonly unreadMs: number;
  /** Milliseconds after which a request is ended, also while its body is sent: default 600,000. */
  readonly requestMs: number;
}

/** A request that has been answered, for a log. Nothing in it is from the texts, unless `logRequests` is set. */
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
  /** The JSON of the request's body, if `logRequests` is set and it was read. */
  readonly request?: unknown;
}

/** How requests are answered. */
export interface HandlerOptions {
  /** The served models by their names, at least one. A request without `model` means the first. */
  readonly models: Readonly<Record<string, ServedModel>>;
  /** Adapters by the names under which they are served. They are read when they are first asked for. */
  readonly adapters?: Readonly<Record<string, ServedAdapters>> | undefined;
  /** Adapters that are one user's alone, and what users say of answers. Default: `user` has no effect. */
  readonly users?: ServedUsers | undefined;
  /**
   * Most bytes of the models that loaders load, together. A model that is asked for and does not fit takes the place of
   * those that were not used for longest, when they have answered; requests wait for that. Default: no limit.
   */
  readonly maxMemory?: number | undefined;
  /** Requests must have the header `Authorization: Bearer KEY` with this key; `/health` needs none. Default: no key. */
  readonly apiKey?: string | undefined;
  /** Other limits in place of the defaults. */
  readonly limits?: Partial<Limits> | undefined;
  /**
   * Origins, such as `https://example.com`, whose pages may use the server. Default: none; requests of a page are then
   * refused.
   */
  readonly origins?: readonly string[] | undefined;
  /**
   * Names by which the server is reached, such as `models.example.com`, beside addresses and `localhost`. Requests for
   * other names are refused: a page could let its name mean this machine. Default: any name.
   */
  readonly hosts?: readonly string[] | undefined;
  /**
   * The time that chat templates write by `strftime_now`, in UTC, such as `() => new Date()`. Default: 26 July 2024, so
   * that the same request has the same answer always.
   */
  readonly chatTime?: (() => Date) | undefined;
  /** Whether `onAnswer` gets the bodies of requests, which have people's texts: default false. */
  readonly logRequests?: boolean | undefined;
  /** Called at the end of each answer. */
  readonly onAnswer?: ((entry: AccessEntry) => void) | undefined;
  /** Called with errors that are the server's fault; answers do not show them. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** How a server stops. */
export interface CloseOptions {
  /** Milliseconds for answers in progress to be finished; then they are ended. Whole; default 10,000. */
  readonly graceMs?: number | undefined;
}

/** An HTTP server's answers, on web standards. */
export interface Handler {
  /** Answers a request. It may be passed around without the handler. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Loads models in their order as long as they fit `maxMemory`, so that the first requests need not wait. Throws the
   * error of a loader.
   */
  load(): Promise<void>;
  /**
   * Refuses new requests with status 503, lets those in progress finish, ends the others, and disposes the models that
   * the handler has loaded itself. Resolves when no answer is in progress. Throws `invalid-option`.
   */
  close(options?: CloseOptions): Promise<void>;
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 2 * 2 ** 20,
  prompts: 256,
  inputs: 2048,
  tokens: 65_536,
  requests: 256,
  streams: 1024,
  users: 16,
  unreadMs: 60_000,
  requestMs: 600_000,
};

const OPTION_NAMES = Object.keys({
  models: true,
  adapters: true,
  users: true,
  maxMemory: true,
  apiKey: true,
  limits: true,
  origins: true,
  hosts: true,
  chatTime: true,
  logRequests: true,
  onAnswer: true,
  onError: true,
} satisfies Record<keyof HandlerOptions, true>);

/** Timers take no more milliseconds than this. */
export const MOST_LIMIT = 2 ** 31 - 1;

/** Whether a header can carry a key. */
export const isApiKey = (key: unknown): boolean => typeof key === 'string' && /^[!-~]+$/.test(key);

const GRACE_MS = 10_000;

/** An origin as browsers send it: without a path, and in small letters. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\sA-Z]+$/;

/** A host as URLs have it, without a port. */
const HOST = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

export const isHost = (host: unknown): boolean => typeof host === 'string' && HOST.test(host);

export const isOrigin = (origin: unknown): boolean => typeof origin === 'string' && ORIGIN.test(origin);

/** Milliseconds that answers in progress have when the server stops. Throws `invalid-option`. */
export function resolveGrace(options: CloseOptions): number {
  checkOptionNames('close', options, ['graceMs']);
  const { graceMs = GRACE_MS } = options;
  checkCount('graceMs', graceMs, 0);
  return graceMs;
}

function checkCount(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value <= MOST_LIMIT) return;
  throw invalidOption(name, value, `a whole number from ${least} to ${MOST_LIMIT}`);
}

/** The options with all limits. Throws `invalid-option`. */
export function resolveHandlerOptions(options: HandlerOptions): HandlerOptions & { readonly limits: Limits } {
  checkOptionNames('createHandler', options, OPTION_NAMES);
  const { models, adapters = {}, maxMemory, apiKey, limits = {}, origins = [], hosts = [] } = options;
  if (!isJsonObject(models) || Object.keys(models).length === 0) {
    throw invalidOption(
      'models',
      models,
      'an object with a model, or a function that loads it, for each name',
    );
  }
  if (maxMemory !== undefined && !(Number.isFinite(maxMemory) && maxMemory > 0)) {
    throw invalidOption('maxMemory', maxMemory, 'a number of bytes');
  }
  for (const [name, model] of Object.entries(models)) checkModel(name, model, maxMemory);
  checkAdapters(adapters, models);
  checkUsers(options.users);
  if (apiKey !== undefined && !isApiKey(apiKey)) {
    const right = 'a string of visible ASCII characters, which a header can carry';
    throw new Gpt2Error('invalid-option', `apiKey must be ${right}`);
  }
  checkOrigins(origins);
  checkHosts(hosts);
  if (options.chatTime !== undefined && typeof options.chatTime !== 'function') {
    throw invalidOption('chatTime', options.chatTime, 'a function that gives a Date');
  }
  const { logRequests = false } = options;
  if (typeof logRequests !== 'boolean') throw invalidOption('logRequests', logRequests, 'true or false');
  checkOptionNames('limits', limits, Object.keys(DEFAULT_LIMITS));
  const all = { ...DEFAULT_LIMITS };
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) continue;
    checkCount(`limits.${name}`, value, 1);
    all[name as keyof Limits] = value;
  }
  return { ...options, limits: all };
}

function checkOrigins(origins: readonly string[]): void {
  if (!Array.isArray(origins)) {
    throw invalidOption('origins', origins, 'an array of origins such as "https://example.com"');
  }
  for (const [i, origin] of origins.entries()) {
    if (isOrigin(origin)) continue;
    throw invalidOption(`origins[${i}]`, origin, 'an origin such as "https://example.com", without a path');
  }
}

function checkHosts(hosts: readonly string[]): void {
  if (!Array.isArray(hosts)) throw invalidOption('hosts', hosts, 'an array of names such as "example.com"');
  for (const [i, host] of hosts.entries()) {
    if (isHost(host)) continue;
    throw invalidOption(
      `hosts[${i}]`,
      host,
      'a name such as "example.com", in small letters, without a port',
    );
  }
}

function checkModel(name: string, model: ServedModel, maxMemory: number | undefined): void {
  const isLoader = typeof model === 'function' || typeof (model as ModelLoader | null)?.load === 'function';
  if (!isLoader && !loadedModels.has(model as Model)) {
    throw invalidOption(`models.${name}`, model, 'a model of this thread, or a function that loads it');
  }
  if (!isLoader) return;
  const bytes = typeof model === 'function' ? undefined : (model as ModelLoader).bytes;
  const most = maxMemory ?? Number.MAX_SAFE_INTEGER;
  if (bytes === undefined && maxMemory === undefined) return;
  if (!(typeof bytes === 'number' && bytes > 0 && bytes <= most)) {
    throw invalidOption(`models.${name}.bytes`, bytes, `a number of bytes, at most ${most}`);
  }
}

function checkAdapters(adapters: Readonly<Record<string, ServedAdapters>>, models: object): void {
  if (!isJsonObject(adapters))
    throw invalidOption('adapters', adapters, 'an object with a value for each name');
  for (const [name, given] of Object.entries(adapters)) {
    if (Object.hasOwn(models, name)) {
      throw invalidOption(`adapters.${name}`, given, 'of another name: a model has this one');
    }
    if (!Array.isArray(given?.adapters)) {
      throw invalidOption(`adapters.${name}`, given, '{ model, adapters }, with an array of adapters');
    }
    if (!Object.hasOwn(models, given.model)) {
      throw invalidOption(`adapters.${name}.model`, given.model, `one of ${Object.keys(models).join(', ')}`);
    }
  }
}
