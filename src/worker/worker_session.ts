import type { ModelConfig } from '../architecture/gpt2/config.js';
import { invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { cancelOnCollected, onCollected } from '../base/finalization.js';
import { Resource } from '../base/resource.js';
import type { Completion } from '../generate/completion.js';
import type { GenerateOptions } from '../generate/options.js';
import { type AnyPrompt, isPrefixed } from '../generate/prefixed_prompt.js';
import { appendedText, type Prompt, promptTokens } from '../generate/prompt.js';
import { refuseInputs } from '../generate/refuse_inputs.js';
import { resolveOptions } from '../generate/resolve_options.js';
import { drained, type TokenStream } from '../generate/token_stream.js';
import type { EncodeOptions } from '../tokenizer/encode_options.js';
import type { Connection } from './connection.js';
import type { StreamPlace, WirePrompt, WireText } from './protocol.js';
import { openRemoteStream, type RemoteGeneration } from './remote_tokens.js';

/** A `Session` in the worker: the same calls, of which those that ask for something give a promise. */
export class WorkerSession extends Resource {
  readonly #owner: object;
  readonly #connection: Connection;
  readonly #config: ModelConfig;
  readonly #number: number;

  /** Use `WorkerModel.session`. `owner` is its model, which must not become garbage before the session. */
  constructor(connection: Connection, config: ModelConfig, number: number, owner: object) {
    super();
    this.#owner = owner;
    this.#connection = connection;
    this.#config = config;
    this.#number = number;
    onCollected(this, () => connection.notify('endSession', [number]));
  }

  /** The evaluated tokens, oldest first. */
  tokens(): Promise<number[]> {
    return this.#connection.call('tokens', [this.#number]);
  }

  /** As `Session.generate`. */
  async generate(prompt?: Prompt, options: GenerateOptions = {}): Promise<Completion> {
    return drained(this.stream(prompt, options));
  }

  /** As `Session.stream`. */
  stream(prompt?: Prompt, options: GenerateOptions = {}): TokenStream {
    refuseInputs(options);
    return streamInWorker(this.#connection, this.#config, {
      place: { session: this.#number },
      ...{ prompt, options, owner: this },
    });
  }

  /** As `Session.fork`. */
  fork(): WorkerSession {
    const number = this.#connection.newNumber();
    this.#connection.notify('fork', [this.#number, number]);
    return new WorkerSession(this.#connection, this.#config, number, this.#owner);
  }

  /** As `Session.save`. */
  save(): Promise<Uint8Array> {
    return this.#connection.call('save', [this.#number]);
  }

  /** As `Session.append`; resolves once the worker has checked the text. */
  async append(text: Prompt, options: EncodeOptions = {}): Promise<void> {
    const more = appendedText(text, this.#config);
    return this.#connection.call('append', [this.#number, more, options]);
  }

  /** As `Session.rewind`. */
  rewind(length: number): Promise<void> {
    return this.#connection.call('rewind', [this.#number, length]);
  }

  /** Gives the session's KV cache back. A call after it throws `disposed`. */
  dispose(): void {
    cancelOnCollected(this);
    this.#connection.notify('endSession', [this.#number]);
  }

  /** The name of the class. */
  get [Symbol.toStringTag](): string {
    return 'WorkerSession';
  }

  /** An empty object: the session's data is in the worker. */
  toJSON(): object {
    return {};
  }
}

/**
 * A prompt as it is sent: a text, or checked token ids (none if `mayBeEmpty`), or vectors and one of these. Only the
 * worker has the tokenizer that encodes a text.
 */
export function wirePrompt(prompt: Prompt, config: ModelConfig, mayBeEmpty?: boolean): WireText;
export function wirePrompt(prompt: AnyPrompt, config: ModelConfig, mayBeEmpty?: boolean): WirePrompt;
export function wirePrompt(prompt: AnyPrompt, config: ModelConfig, mayBeEmpty = false): WirePrompt {
  if (isPrefixed(prompt)) return { ...prompt, text: prompt.text && wirePrompt(prompt.text, config, true) };
  if (typeof prompt === 'string') return prompt;
  const noTokenizer = () => {
    throw new Gpt2Error('invalid-option', 'the prompt is a text');
  };
  return promptTokens(prompt, config, noTokenizer, { mayBeEmpty });
}

/** A generation of a model or session in the worker. */
interface ModelGeneration extends Omit<RemoteGeneration, 'open'> {
  readonly place: StreamPlace;
  /** `undefined` continues the text of a session. */
  readonly prompt: AnyPrompt | undefined;
}

/**
 * Opens a stream in the worker for a model or session. Checks prompt and common options before it returns; the
 * worker checks rare ones.
 */
export function streamInWorker(
  connection: Connection,
  config: ModelConfig,
  { place, prompt, options, owner }: ModelGeneration,
): TokenStream {
  connection.assertOpen();
  // Models and functions cannot be sent there.
  for (const name of ['draft', 'processors'] as const) {
    const value = options?.[name];
    if (value !== undefined) throw invalidOption(name, value, 'left out in a worker');
  }
  resolveOptions(options, config);
  const mayBeEmpty = options.inputs !== undefined;
  const wire = prompt === undefined ? undefined : wirePrompt(prompt, config, mayBeEmpty);
  const open: RemoteGeneration['open'] = (stream, sent) =>
    connection.call('stream', [stream, place, wire, sent]);
  return openRemoteStream(connection, { open, options, owner });
}
