import { Gpt2Error } from '../../base/errors.js';
import type { Completion } from '../../generate/completion.js';
import { GENERATE_DEFAULTS, type GenerateOptions } from '../../generate/options.js';
import type { Session } from '../../generate/session.js';
import type { ChatPrompt, ChatPrompts } from '../../server/chat/prompt.js';
import type { Turn } from '../../server/chat/turns.js';
import { type DialogueState, type Exchange, turnsOf } from './dialogue_state.js';

/** An answer of the model. */
export interface Answer {
  readonly text: string;
  readonly completion: Completion;
  /** Exchanges that the model no longer reads, since the context was full. */
  readonly dropped: number;
}

/** The last message, for those who judge its answers. */
export interface LastExchange {
  /** The messages that the model has read. */
  readonly prompt: readonly Turn[];
  readonly answer: string;
  /** All different answers to the message that have a text, since the dialogue was opened. */
  readonly answers: readonly string[];
}

/** An exchange, the index of the first one that the model has read for it, and all its answers. */
type Read = Exchange & { readonly from: number; readonly answers: readonly string[] };

/** The share of the context that is kept for an answer, and the one that is filled again when it was full. */
const ANSWER_SHARE = 1 / 4;
const REFILLED_SHARE = 1 / 2;
const SEEDS = 2 ** 53;

/**
 * A dialogue with a model. An answer depends only on the messages before it, the seed and how often it was asked for
 * again: not on what was taken back, nor on where the dialogue was continued. A session keeps what was evaluated.
 */
export class Dialogue {
  readonly #session: Session;
  readonly #prompts: ChatPrompts;
  readonly #contextLength: number;
  readonly #options: GenerateOptions;
  #exchanges: readonly Read[] = [];
  #system: string | undefined;
  #seed = 0;

  /** A dialogue without messages. `options` are those of every answer; `seed` of the state replaces theirs. */
  constructor(session: Session, prompts: ChatPrompts, contextLength: number, options: GenerateOptions) {
    this.#session = session;
    this.#prompts = prompts;
    this.#contextLength = contextLength;
    this.#options = options;
  }

  get state(): DialogueState {
    const exchanges = this.#exchanges.map(({ user, answer, tries }) => ({ user, answer, tries }));
    return { system: this.#system, seed: this.#seed, exchanges };
  }

  /** Answers a message. Text is given out as it comes. An answer that was ended before its first text is forgotten. */
  say(user: string, onText: (text: string) => Promise<void>, signal?: AbortSignal): Promise<Answer> {
    return this.#answer(this.#exchanges, { user, tries: 0, answers: [] }, onText, signal);
  }

  /** Answers the last message again, with other random numbers; the old answer stays if this fails. */
  async retry(onText: (text: string) => Promise<void>, signal?: AbortSignal): Promise<Answer | undefined> {
    const last = this.#exchanges.at(-1);
    if (last === undefined) return undefined;
    const asked = { ...last, tries: last.tries + 1 };
    return this.#answer(this.#exchanges.slice(0, -1), asked, onText, signal);
  }

  /** The last message and its answers. */
  get last(): LastExchange | undefined {
    const last = this.#exchanges.at(-1);
    if (last === undefined) return undefined;
    const { user, answer, answers, from } = last;
    const before = turnsOf(this.#system, this.#exchanges.slice(from, -1));
    return { prompt: [...before, { role: 'user', content: user }], answer, answers };
  }

  /** Makes one of the answers to the last message the one with which the dialogue goes on. */
  choose(answer: string): void {
    this.#exchanges = this.#exchanges.map((each, i) =>
      i === this.#exchanges.length - 1 ? { ...each, answer } : each,
    );
  }

  /** Forgets the last message and its answer, which it returns. */
  undo(): Exchange | undefined {
    const last = this.state.exchanges.at(-1);
    this.#exchanges = this.#exchanges.slice(0, -1);
    return last;
  }

  /** Forgets all messages but that of the system. */
  reset(): void {
    this.#exchanges = [];
  }

  /** Replaces the message of the system; `undefined` removes it. Throws as `load` does. */
  async setSystem(system: string | undefined): Promise<void> {
    await this.load({ ...this.state, system });
  }

  /**
   * Replaces the dialogue. Messages that do not fit the context are not read. Throws, and changes nothing, if that of the
   * system does not fit, or if the template refuses one.
   */
  async load({ system, seed, exchanges }: DialogueState): Promise<void> {
    if (system !== undefined && (await this.#fitted([], '', system)) === undefined) {
      throw this.#tooLong('the system message does');
    }
    const read: Read[] = [];
    for (const exchange of exchanges) {
      const fitted = await this.#fitted(read, exchange.user, system);
      const answers = distinct([exchange.answer]);
      read.push({ ...exchange, answers, from: fitted?.from ?? read.length + 1 });
    }
    this.#exchanges = read;
    this.#system = system;
    this.#seed = seed;
  }

  /** The dialogue as the model reads it, if nothing but text is in it. */
  get plainText(): string | undefined {
    return this.#prompts.plainTextOf(this.turns);
  }

  /** All messages. */
  get turns(): Turn[] {
    return turnsOf(this.#system, this.#exchanges);
  }

  async #answer(
    before: readonly Read[],
    { user, tries, answers }: Pick<Read, 'user' | 'tries' | 'answers'>,
    onText: (text: string) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const fitted = await this.#fitted(before, user, this.#system);
    if (fitted === undefined) throw this.#tooLong('the message does');
    const { prompt, from } = fitted;
    const { stop = [] } = this.#options;
    const isPlain = prompt.stop !== undefined;
    const stream = this.#session.stream(prompt.ids, {
      ...this.#options,
      ...(isPlain && { stop: [...(typeof stop === 'string' ? [stop] : stop), prompt.stop] }),
      seed: (this.#seed + tries) % SEEDS,
      signal,
    });
    // In the plain form, white space around messages is none of theirs.
    let isBegun = !isPlain;
    for await (const { text } of stream) {
      const shown = isBegun ? text : text.trimStart();
      isBegun ||= shown !== '';
      if (shown !== '') await onText(shown);
    }
    const completion = await stream.completion;
    const text = isPlain ? completion.text.trim() : completion.text;
    if (completion.finishReason !== 'aborted' || text !== '') {
      this.#exchanges = [
        ...before,
        { user, answer: text, tries, from, answers: distinct([...answers, text]) },
      ];
    }
    return { text, completion, dropped: from - (before.at(-1)?.from ?? 0) };
  }

  /**
   * The prompt for an answer. If the context is full, the oldest exchanges are left out until half of it is free, so that
   * the next answers need not evaluate everything again. Undefined if the message is too long with that of the system alone.
   */
  async #fitted(
    before: readonly Read[],
    user: string,
    system: string | undefined,
  ): Promise<{ prompt: ChatPrompt; from: number } | undefined> {
    const length = this.#contextLength;
    const { maxTokens = GENERATE_DEFAULTS.maxTokens } = this.#options;
    let most = length - Math.min(maxTokens, Math.floor(length * ANSWER_SHARE));
    for (let from = before.at(-1)?.from ?? 0; from <= before.length; from++) {
      const turns = [...turnsOf(system, before.slice(from)), { role: 'user', content: user }];
      const prompt = await this.#prompts.promptOf(turns, [], from === before.length ? length - 1 : most);
      if (prompt !== undefined) return { prompt, from };
      most = Math.floor(length * REFILLED_SHARE);
    }
    return undefined;
  }

  #tooLong(what: string): Gpt2Error {
    const message = `${what} not fit the model's context of ${this.#contextLength} tokens; shorten it`;
    return new Gpt2Error('context-full', message);
  }
}

/** The answers that have a text, each once. */
const distinct = (answers: readonly string[]): string[] => [
  ...new Set(answers.filter((answer) => answer.trim() !== '')),
];
