import type { Completion, TopToken } from '../generate/completion.js';
import type { GenerateOptions } from '../generate/options.js';
import type { WorkerModel } from '../worker/worker_model.js';
import type { WorkerSession } from '../worker/worker_session.js';
import { EMPTY, edited, isCovered, tokenTexts, type Writing, type WrittenToken, whole } from './writing.js';

/** Alternatives that are shown of a token. */
const ALTERNATIVES = 8;

/** One generation: what was there before, and what it began with, which differs where a token was replaced. */
interface Run {
  readonly before: Writing;
  readonly start: Writing;
  completion?: Completion;
  readonly end?: Writing;
}

export interface WriterEvents {
  /** The writing has changed. */
  onWriting(): void;
  /** A generation has begun or ended. */
  onGenerating(): void;
}

/** The text, the model that continues it, and the generations so far. */
export class Writer {
  writing: Writing = EMPTY;
  readonly #events: WriterEvents;
  readonly #runs: Run[] = [];
  readonly #tops = new WeakMap<WrittenToken, readonly TopToken[]>();
  #model: WorkerModel | undefined;
  #session: WorkerSession | undefined;
  #controller: AbortController | undefined;

  constructor(events: WriterEvents) {
    this.#events = events;
  }

  get model(): WorkerModel | undefined {
    return this.#model;
  }

  /** Another model; the text stays, its tokens are another's. Whoever loaded the model before disposes it. */
  setModel(model: WorkerModel | undefined): void {
    this.stop();
    this.#session?.dispose();
    this.#model = model;
    this.#session = model?.session();
    this.#runs.length = 0;
    this.#set({ text: this.writing.text, tokens: [] });
  }

  get isGenerating(): boolean {
    return this.#controller !== undefined;
  }

  get lastRun(): Readonly<Run> | undefined {
    return this.#runs.at(-1);
  }

  /** Whether the text ends as the latest generation left it. */
  get isAfterRun(): boolean {
    return this.lastRun?.end !== undefined && this.lastRun.end.text === this.writing.text;
  }

  edit(text: string): void {
    this.#set(edited(this.writing, text));
  }

  stop(): void {
    this.#controller?.abort();
  }

  /** Takes the latest generation back. */
  undo(): void {
    const run = this.#runs.pop();
    if (run !== undefined) this.#set(run.before);
  }

  /** Continues the text. Throws as `stream` does, with the text as far as it came. */
  generate(options: GenerateOptions): Promise<Completion> {
    // The model has ended the text; who continues it does not want to hear so again.
    const hasEnded = this.isAfterRun && this.lastRun!.completion?.finishReason === 'eos';
    const bannedTokens = hasEnded ? this.#model!.config.eosTokenIds : [];
    return this.#run(this.writing, this.writing, { ...options, bannedTokens });
  }

  /** Takes the latest generation back and generates again from where it began. */
  regenerate(options: GenerateOptions): Promise<Completion> {
    const { before, start } = this.#runs.pop()!;
    return this.#run(before, start, options);
  }

  /** Puts another token in the place of one and continues from there. */
  replace(index: number, { id, text, logprob }: TopToken, options: GenerateOptions): Promise<Completion> {
    const kept = this.writing.tokens.slice(0, index);
    const top = this.#topOf(this.writing.tokens[index]!);
    const tokens = [...kept, { id, text, logprob, top }];
    const start = { text: tokens.map((token) => token.text).join(''), tokens };
    return this.#run(this.writing, start, options);
  }

  /** Finds the tokens of the whole text, and how likely each is. */
  async annotate(): Promise<void> {
    const model = this.#model;
    if (model === undefined || this.isGenerating || this.writing.text === '') return;
    const covered = await this.#covered(model, this.writing);
    if (covered === undefined || this.isGenerating) return;
    this.#set(covered);
    const { text, tokens } = covered;
    const isJudged = tokens.every(({ logprob }, i) => i === 0 || logprob !== undefined);
    if (isJudged || tokens.length > model.config.contextLength) return;
    const { logprobs } = await model.score(tokens.map(({ id }) => id));
    if (this.writing !== covered) return;
    const judged = tokens.map((token, i) =>
      i === 0 || token.logprob !== undefined ? token : { ...token, logprob: logprobs[i - 1] },
    );
    this.#set({ text, tokens: judged });
  }

  /** The most likely tokens at the place of one of the writing, or why they are not to be had. */
  async top(index: number): Promise<readonly TopToken[] | string> {
    const model = this.#model;
    const token = this.writing.tokens[index];
    if (model === undefined || token === undefined) return 'Load a model first.';
    const known = this.#topOf(token);
    if (known !== undefined) return known;
    if (index === 0) return 'Nothing comes before the first token that the model could judge it by.';
    const ids = this.writing.tokens.slice(0, index).map(({ id }) => id);
    const options = { maxTokens: 1, temperature: 0, logprobs: ALTERNATIVES, contextFull: 'shift' } as const;
    const { logprobs } = await model.generate(ids, options);
    const top = logprobs![0]!.top;
    this.#tops.set(token, top);
    return top;
  }

  /** Whether a token can stand at a place: whole characters, after whole characters. */
  canStand(index: number, { id, text }: TopToken): boolean {
    const isEnd = this.#model?.config.eosTokenIds.includes(id);
    return (
      !this.isGenerating && !isEnd && !text.includes('\uFFFD') && this.writing.tokens[index - 1]?.text !== ''
    );
  }

  #topOf(token: WrittenToken): readonly TopToken[] | undefined {
    return token.top ?? this.#tops.get(token);
  }

  #set(writing: Writing): void {
    this.writing = writing;
    this.#events.onWriting();
  }

  async #run(before: Writing, start: Writing, options: GenerateOptions): Promise<Completion> {
    const model = this.#model!;
    const controller = new AbortController();
    this.#controller = controller;
    this.#set(start);
    this.#events.onGenerating();
    let run: Run | undefined;
    try {
      const from = (await this.#covered(model, start)) ?? start;
      this.#set(from);
      run = { before, start: from };
      const tokens = [...from.tokens];
      const prompt = tokens.map(({ id }) => id);
      const { signal } = controller;
      const stream = this.#session!.stream(prompt, { ...options, logprobs: ALTERNATIVES, signal });
      let { text } = from;
      for await (const { id, text: own, logprob, top } of stream) {
        text += own;
        tokens.push({ id, text: own, logprob, top });
        this.#set({ text, tokens: whole(tokens) });
      }
      run.completion = await stream.completion;
      return run.completion;
    } finally {
      this.#controller = undefined;
      // With another model there is nothing to go back to, and what failed at once has changed nothing.
      if (this.#model === model) {
        const hasBegun = run !== undefined && (run.completion !== undefined || this.writing !== run.start);
        if (hasBegun) this.#runs.push({ ...run!, end: this.writing });
        else this.writing = before;
      }
      this.#events.onGenerating();
    }
  }

  /** A writing with the tokens of its whole text; `undefined` where it has changed meanwhile. */
  async #covered(model: WorkerModel, writing: Writing): Promise<Writing | undefined> {
    if (isCovered(writing)) return writing;
    const { text, tokens } = writing;
    const ids = await model.tokenizer.encode(text);
    const texts = await tokenTexts(text, ids, (some) => model.tokenizer.decode(some));
    if (this.writing !== writing || this.#model !== model) return undefined;
    let same = 0;
    while (same < tokens.length && tokens[same]!.id === ids[same]) same++;
    const found = ids.map((id, i) => (i < same ? tokens[i]! : { id, text: texts[i]! }));
    return { text, tokens: found };
  }
}
