import type { Completion, TopToken } from '../../generate/completion.js';
import type { GenerateOptions } from '../../generate/options.js';
import type { WorkerModel } from '../../worker/worker_model.js';
import type { WorkerSession } from '../../worker/worker_session.js';
import { endOfGenerated, moved, type Span } from '../document/generated_spans.js';
import { History } from '../document/history.js';
import {
  changeBetween,
  EMPTY,
  edited,
  headOf,
  isCovered,
  type Place,
  plainLines,
  textOf,
  tokenTexts,
  type Writing,
  type WrittenToken,
  whole,
} from '../document/tokenized_text.js';
import { readAhead } from './read_ahead.js';
import { judged, nextWindow } from './scoring_window.js';

/** Alternatives that are shown of a token. */
const ALTERNATIVES = 8;
/** Tokens that are computed before the page has shown those before them. */
const TOKENS_AHEAD = 32;

/** A state of the document. */
interface Version {
  readonly writing: Writing;
  /** What generations wrote and nobody has changed since. */
  readonly spans: readonly Span[];
  /** That of the latest generation. */
  readonly latest?: Span | undefined;
}

export interface WriterEvents {
  /** The writing has changed. */
  onWriting(): void;
  /** A generation has begun or ended. */
  onGenerating(): void;
}

/** The text with its versions, and the model that continues it. */
export class Writer {
  readonly #events: WriterEvents;
  readonly #history = new History<Version>(
    { writing: EMPTY, spans: [] },
    ({ writing }) => writing.text.length,
  );
  readonly #tops = new WeakMap<WrittenToken, readonly TopToken[]>();
  /** The text of a token alone, by its id in the present model. */
  readonly #texts = new Map<number, Promise<string>>();
  /** While a generation goes on, and where it will write next. */
  #live: { readonly writing: Writing; readonly end: number } | undefined;
  #model: WorkerModel | undefined;
  #session: WorkerSession | undefined;
  #controller: AbortController | undefined;

  constructor(events: WriterEvents) {
    this.#events = events;
  }

  get writing(): Writing {
    return this.#live?.writing ?? this.#history.current.writing;
  }

  get model(): WorkerModel | undefined {
    return this.#model;
  }

  /** Another model; the text and its versions stay, their tokens are another's. The caller disposes the model before. */
  setModel(model: WorkerModel | undefined): void {
    this.stop();
    this.#session?.dispose();
    this.#model = model;
    this.#session = model?.session();
    this.#texts.clear();
    const untold = ({ text }: Writing): Writing => ({ text, tokens: [] });
    this.#history.amendAll((version) => ({ ...version, writing: untold(version.writing) }));
    if (this.#live !== undefined) this.#live = { ...this.#live, writing: untold(this.#live.writing) };
    this.#events.onWriting();
  }

  get isGenerating(): boolean {
    return this.#controller !== undefined;
  }

  get canUndo(): boolean {
    return !this.isGenerating && this.#history.canUndo;
  }

  get canRedo(): boolean {
    return !this.isGenerating && this.#history.canRedo;
  }

  /** What the latest generation wrote, if it still stands as it was written. */
  get latest(): Span | undefined {
    return this.#history.current.latest;
  }

  /** The offset behind what the generation under way has written. */
  get end(): number | undefined {
    return this.#live?.end;
  }

  /** A person's change; `inPlace` makes it one step with the change before it. */
  edit(text: string, inPlace = false): void {
    const { writing, spans, latest } = this.#history.current;
    if (text === writing.text) return;
    const change = changeBetween(writing.text, text);
    const version = {
      writing: edited(writing, text),
      spans: spans.map((span) => moved(span, change)).filter((span) => span !== undefined),
      latest: latest && moved(latest, change),
    };
    this.#history.add(version, inPlace);
    this.#events.onWriting();
  }

  stop(): void {
    this.#controller?.abort();
  }

  /** Goes back a step, or forward to one that was undone; gives the offset behind what has changed. */
  step(direction: 'undo' | 'redo'): number {
    const { text: before } = this.writing;
    this.#history[direction]();
    const { text } = this.writing;
    this.#events.onWriting();
    const { at, added } = changeBetween(before, text);
    return at + added.length;
  }

  /** Writes at a place of the text. Throws as `stream` does, with the text as far as it came. */
  generate({ from, to }: Place, options: GenerateOptions): Promise<Completion> {
    const { latest } = this;
    // The model has ended the text there; a person who continues it does not want to hear so again.
    const hasEnded = latest?.hasEnded && latest.to === from;
    const bannedTokens = hasEnded ? this.#model!.config.eosTokenIds : [];
    return this.#run(headOf(this.writing, from), to, { ...options, bannedTokens, heal: this.#isTyped(from) });
  }

  /** Writes over what the latest generation wrote. */
  regenerate(options: GenerateOptions): Promise<Completion> {
    const { from, to } = this.latest!;
    return this.#run(headOf(this.writing, from), to, { ...options, heal: this.#isTyped(from) });
  }

  /** The text that would give way to what follows another token at an index. */
  replaced(index: number): Place {
    const { tokens } = this.writing;
    const from = textOf(tokens.slice(0, index)).length;
    const end = from + tokens[index]!.text.length;
    return { from, to: endOfGenerated(this.#history.current.spans, end) };
  }

  /** Whether a person's text follows right behind a token, so that another one is put there and nothing is generated. */
  isAmidText(index: number): boolean {
    const { from, to } = this.replaced(index);
    const { text, tokens } = this.writing;
    return to === from + tokens[index]!.text.length && text.slice(to).trim() !== '';
  }

  /**
   * Puts another token in the place of one, and continues from there in place of the generated text that follows. A person's
   * text stays; if it follows directly, the token alone is replaced, and nothing is generated.
   */
  replace(
    index: number,
    { id, text, logprob }: TopToken,
    options: GenerateOptions,
  ): Promise<Completion> | undefined {
    const { text: whole, tokens } = this.writing;
    const { from, to } = this.replaced(index);
    const shown = plainLines(text);
    if (this.isAmidText(index)) {
      this.edit(whole.slice(0, from) + shown + whole.slice(to));
      return undefined;
    }
    const token = { id, text: shown, logprob, top: this.#topOf(tokens[index]!) };
    const kept = tokens.slice(0, index);
    return this.#run({ text: textOf(kept) + shown, tokens: [...kept, token] }, to, options);
  }

  /**
   * Finds the tokens of the text, and how likely each is of those that `seen` covers; of a text that fits the context, of
   * all.
   */
  async annotate(seen: Place): Promise<void> {
    const model = this.#model;
    if (model === undefined || this.isGenerating || this.writing.text === '') return;
    const { contextLength } = model.config;
    const isCurrent = () => !this.isGenerating && this.#model === model;
    let { writing } = this;
    const covered = await this.#covered(model, writing);
    if (!isCurrent() || this.writing !== writing) return;
    this.#amend(covered);
    for (;;) {
      writing = this.writing;
      const { text, tokens } = writing;
      const [first, last] = tokens.length <= contextLength ? [0, tokens.length] : tokensIn(tokens, seen);
      const window = nextWindow(tokens, first, last, contextLength);
      if (window === undefined) return;
      const ids = tokens.slice(window.start, window.end).map(({ id }) => id);
      const { logprobs } = await model.score(ids, { start: false });
      if (!isCurrent() || this.writing !== writing) return;
      this.#amend({ text, tokens: judged(tokens, window, logprobs) });
    }
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

  /** Whether a person wrote what stands before an offset, perhaps half a word, and no generation ended there. */
  #isTyped(offset: number): boolean {
    return this.#history.current.spans.every(({ from, to }) => offset <= from || offset > to);
  }

  #topOf(token: WrittenToken): readonly TopToken[] | undefined {
    return token.top ?? this.#tops.get(token);
  }

  #amend(writing: Writing): void {
    this.#history.amend({ ...this.#history.current, writing });
    this.#events.onWriting();
  }

  #show(writing: Writing, end: number): void {
    this.#live = { writing, end };
    this.#events.onWriting();
  }

  /** Generates behind `head`; what stands from `to` on in the present text follows. */
  async #run(head: Writing, to: number, options: GenerateOptions): Promise<Completion> {
    const model = this.#model!;
    const { text: before } = this.writing;
    const tail = before.slice(to);
    const from = head.text.length;
    const controller = new AbortController();
    this.#controller = controller;
    this.#show({ text: head.text + tail, tokens: head.tokens }, from);
    this.#events.onGenerating();
    let { text } = head;
    let completion: Completion | undefined;
    try {
      const covered = await this.#covered(model, head);
      const tokens = [...covered.tokens];
      const prompt = tokens.map(({ id }) => id);
      const { signal } = controller;
      const stream = this.#session!.stream(prompt, { ...options, logprobs: ALTERNATIVES, signal });
      for await (const { id, text: own, logprob, top } of readAhead(stream, TOKENS_AHEAD)) {
        if (this.#model !== model) break;
        const shown = plainLines(own);
        text += shown;
        tokens.push({ id, text: shown, logprob, top });
        this.#show({ text: text + tail, tokens: whole(tokens) }, text.length);
      }
      completion = await stream.completion;
      if (options.heal && this.#model === model) {
        const sampled = tokens.slice(prompt.length);
        this.#show(
          { text: text + tail, tokens: await this.#healed(model, covered, sampled, text) },
          text.length,
        );
      }
      return completion;
    } finally {
      const { writing } = this;
      this.#live = undefined;
      this.#controller = undefined;
      // A generation that failed at once has changed nothing.
      if (completion !== undefined || text.length > from) {
        const tokens = this.#model === model ? writing.tokens : [];
        const span = { from, to: text.length, hasEnded: completion?.finishReason === 'eos' };
        this.#keep({ text: writing.text, tokens }, to, span);
      }
      this.#events.onGenerating();
    }
  }

  /**
   * The tokens of a text whose generation has written the end of its prompt again: those of the prompt that stayed, and
   * the sampled ones, each with its share of the whole text.
   */
  async #healed(
    model: WorkerModel,
    prompt: Writing,
    sampled: readonly WrittenToken[],
    text: string,
  ): Promise<readonly WrittenToken[]> {
    const shown = whole(sampled);
    const ids = shown.map(({ id }) => id);
    const all = plainLines(await model.tokenizer.decode(ids));
    const { tokens } = headOf(prompt, text.length - all.length);
    const kept = textOf(tokens).length;
    // Half a character at the end, or a line break that became another: the tokens are found anew.
    if (!text.slice(kept).startsWith(all) || kept + all.length !== text.length) return [];
    const texts = await tokenTexts(all, ids, (some) => this.#decode(model, some));
    return [...tokens, ...shown.map((token, i) => ({ ...token, text: texts[i]! }))];
  }

  /** Makes a generation's result the current version. */
  #keep(writing: Writing, to: number, span: Span): void {
    const { writing: before, spans } = this.#history.current;
    const change = { at: span.from, removed: to - span.from, added: writing.text.slice(span.from, span.to) };
    // Of a span that was written over in part, the part before stays.
    const others = spans.map((each) =>
      each.from < span.from && each.to > span.from ? { ...each, to: span.from } : moved(each, change),
    );
    const version = {
      writing,
      spans: [...others.filter((each) => each !== undefined), span],
      latest: span,
    };
    if (writing.text === before.text) this.#history.amend(version);
    else this.#history.add(version);
  }

  /** A writing with the tokens of its whole text. */
  async #covered(model: WorkerModel, writing: Writing): Promise<Writing> {
    if (isCovered(writing)) return writing;
    const { text, tokens } = writing;
    const ids = await model.tokenizer.encode(text);
    let same = 0;
    while (same < tokens.length && tokens[same]!.id === ids[same]) same++;
    const kept = whole(tokens.slice(0, same));
    const rest = ids.slice(kept.length);
    const texts = await tokenTexts(text.slice(textOf(kept).length), rest, (some) =>
      this.#decode(model, some),
    );
    return { text, tokens: [...kept, ...rest.map((id, i) => ({ id, text: texts[i]! }))] };
  }

  /** The text of ids; that of a single one is asked for once. */
  #decode(model: WorkerModel, ids: readonly number[]): Promise<string> {
    if (ids.length > 1 || this.#model !== model) return model.tokenizer.decode(ids);
    const id = ids[0]!;
    const known = this.#texts.get(id) ?? model.tokenizer.decode(ids);
    this.#texts.set(id, known);
    return known;
  }
}

/** The indices of the first token that a place covers, and of the first one after it. */
function tokensIn(tokens: readonly WrittenToken[], { from, to }: Place): [number, number] {
  let end = 0;
  let first = tokens.length;
  for (const [i, { text }] of tokens.entries()) {
    end += text.length;
    if (end > from) first = Math.min(first, i);
    if (end >= to) return [first, i + 1];
  }
  return [first, tokens.length];
}
