import { Gpt2Error, type Gpt2ErrorCode } from '../base/errors.js';
import { inWireTerms, paramOf } from './wire_names.js';

/** What an error says beside its status and message. */
interface ApiErrorDetails {
  /** The parameter that is wrong, as `stop[0]`. */
  readonly param?: string | undefined;
  /** OpenAI's name of the reason, such as `context_length_exceeded`. */
  readonly code?: string | undefined;
  /** Seconds after which the client may try again. */
  readonly retryAfter?: number | undefined;
  /** Further headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** Longer messages are cut: names and values in them come from clients. */
const LONGEST_MESSAGE = 4000;

/** An error with the HTTP status of its answer, in the form that OpenAI's clients read. */
export class ApiError extends Error {
  readonly status: number;
  readonly param: string | null;
  readonly code: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, details: ApiErrorDetails = {}) {
    super(message.slice(0, LONGEST_MESSAGE), { cause: details.cause });
    this.status = status;
    this.param = details.param ?? null;
    this.code = details.code ?? null;
    const { retryAfter } = details;
    this.headers = {
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      ...details.headers,
    };
  }

  /** The body of the answer. */
  toJSON(): object {
    const { message, param, code } = this;
    const type = this.status < 500 ? 'invalid_request_error' : 'server_error';
    return { error: { message, type, param, code } };
  }

  toResponse(): Response {
    return Response.json(this, { status: this.status, headers: this.headers });
  }
}

/** Errors of the library that the request caused, with OpenAI's codes. */
const OF_REQUESTS: Partial<Record<Gpt2ErrorCode, string>> = {
  'invalid-option': 'invalid_value',
  'context-full': 'context_length_exceeded',
  unsupported: 'unsupported_value',
};

/** Seconds after which a client may try again when the server is full or stops. */
export const RETRY_AFTER = 1;

/** The forms of a text, as the library's messages name them. */
const FORMAT = /^format(?= )|(?<!\w)format\.(?:jsonSchema|regex|grammar|choices)(?!\w)/g;

/**
 * Any error as the answer to a request. `param` is the parameter that gives the form of the text, if there is one: it is
 * what a message is about that names no other. Messages about the server itself may name files, so that they are not part of the answer.
 */
export function asApiError(error: unknown, param?: string): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof Gpt2Error) {
    if (error.code === 'aborted' && error.cause instanceof ApiError) return error.cause;
    const message = inWireTerms(error.message.replace(FORMAT, (name) => param ?? name));
    const about = paramOf(message) ?? param;
    // Models are found before requests use them.
    if (isNotFound(error) || isNotFound(error.cause)) {
      const reason = 'the model has no tokenizer, so that it reads and writes no texts; give token ids';
      return new ApiError(400, reason, { param: about, code: 'no_tokenizer', cause: error });
    }
    const code = OF_REQUESTS[error.code];
    if (code !== undefined) return new ApiError(400, message, { param: about, code, cause: error });
    if (error.code === 'out-of-memory') {
      const details = { code: 'out_of_memory', retryAfter: RETRY_AFTER, cause: error };
      return new ApiError(503, 'the request does not fit the memory of the server', details);
    }
  }
  return new ApiError(500, 'the server failed to answer this request', { cause: error });
}

/** The answer to a request with more than `most` bytes. */
export function bodyTooLarge(most: number): ApiError {
  return new ApiError(413, `the body has more than ${most} bytes`, { code: 'body_too_large' });
}

/** The answer to a request whose body cannot be read to its end: mostly, its client has left. */
export function incompleteBody(cause: unknown): ApiError {
  return new ApiError(400, 'the body did not come whole', { code: 'incomplete_body', cause });
}

const isNotFound = (error: unknown): boolean => error instanceof Gpt2Error && error.code === 'not-found';
