// The game, for the terminal and the page. The model may be in this thread or in a worker.
import { compileFormat } from 'gpt2-wasm';
import { ACTION, CLOSING, ENDING, PARAGRAPH, TWIST, UNHAPPY, UNKIND } from './formats.js';
import { beginning, NEW_WORLD, otherNames, WORLD, wishedThing, wishOf, worldAfter } from './world.js';

const TURNS = 5;
/** Tokens of the story after which it ends, so that the last turn and the end fit the model's context of 512. */
const LONG = 340;
/** First turns in which the story cannot name what the hero wishes for. */
const TURNS_OF_SEARCH = 2;
const OFFERED = 3;
const MOST_TOKENS = 256;
/** Each call of the model has a seed of its own: the game's, times this, plus the number of the call. */
const SEEDS = 1000;

/** `simd` gives the same bits everywhere, and so the same story; a cache in 8 bits makes saved games small. */
export const LOAD_OPTIONS = { build: 'simd', kvCache: 'q8' };

/** Seeds of games: 0 to this. */
export const MOST_SEED = 1e9;

export class Game {
  #model;
  #session;
  #formats;
  #state;

  /** Use `Game.start` or `Game.load`. */
  constructor(model, session, formats, state) {
    this.#model = model;
    this.#session = session;
    this.#formats = formats;
    this.#state = state;
  }

  /** A new game. The same seed and the same actions give the same game on every machine. */
  static async start(model, seed) {
    const state = { seed, calls: 0, tokens: 0, turn: 0, isOver: false, paragraphs: [], actions: [] };
    const game = new Game(model, model.session(), await compiledFormats(), state);
    const prompt = 'Once upon a time, a child and an animal were friends.\n';
    // High, so that games differ.
    await game.#writeWorld(prompt, NEW_WORLD, { temperature: 1.5, topP: 1 });
    await game.#tell(beginning(game.world), game.#formats.twist, CLOSING);
    await game.#offer();
    return game;
  }

  /** The game that `save` has put into bytes, for the same model. */
  static async load(model, bytes) {
    const end = bytes.indexOf('\n'.charCodeAt(0));
    const state = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
    const format = await compileFormat({ jsonSchema: WORLD });
    if (!format.accepts(JSON.stringify(state.world))) throw new Error('the saved world is not valid');
    const session = await model.restore(bytes.slice(end + 1));
    return new Game(model, session, await compiledFormats(), state);
  }

  /** A line of JSON, and the session with its keys and values. */
  async save() {
    const line = new TextEncoder().encode(`${JSON.stringify(this.#state)}\n`);
    return new Uint8Array(await new Blob([line, await this.#session.save()]).arrayBuffer());
  }

  get seed() {
    return this.#state.seed;
  }

  get world() {
    return this.#state.world;
  }

  get paragraphs() {
    return this.#state.paragraphs;
  }

  /** What the hero could do next: ideas of the model, none once the game is over. */
  get actions() {
    return this.#state.actions;
  }

  get isOver() {
    return this.#state.isOver;
  }

  /** What a player has typed, as an action, or undefined if the story cannot use it. */
  actionOf(typed) {
    const action = typed
      .trim()
      .toLowerCase()
      .replace(/^(i|to) /, '')
      .replace(/[.!]*$/, '.');
    const words = action.match(/[a-z]+/g) ?? [];
    const isKind = !words.some((word) => UNKIND.includes(word));
    return isKind && this.#formats.action.accepts(` ${action}`) ? action : undefined;
  }

  /** One turn: the hero does this, the model tells what happens, changes the world and has new ideas. */
  async play(action) {
    const state = this.#state;
    state.turn++;
    const done = `${this.world.hero} decided to ${action}`;
    const thing = wishedThing(this.world);
    const hidden = state.turn <= TURNS_OF_SEARCH ? [thing, `${thing}s`] : [];
    const { paragraph, twist } = this.#formats;
    const format = state.turn % 2 === 0 && state.turn < TURNS ? twist : paragraph;
    const told = await this.#tell(done, format, [...CLOSING, ...hidden]);
    await this.#writeWorld(`${done}${told}\n`, worldAfter(this.world, done, told));
    const isLast = state.turn === TURNS || state.tokens > LONG;
    if (!isLast && !this.world.found.includes(thing)) return this.#offer();
    state.isOver = true;
    state.actions = [];
    await this.#tell('In the end,', this.#formats.ending, UNHAPPY);
  }

  dispose() {
    this.#session.dispose();
  }

  #nextSeed() {
    return this.seed * SEEDS + this.#state.calls++;
  }

  /** Lets the model write the world, as JSON of a schema. */
  async #writeWorld(prompt, jsonSchema, options) {
    const given = { ...options, format: { jsonSchema }, maxTokens: MOST_TOKENS, seed: this.#nextSeed() };
    this.#state.world = JSON.parse((await this.#model.generate(prompt, given)).text);
  }

  /** Adds a paragraph to the story: its beginning, and what the model writes after it. Gives the latter. */
  async #tell(start, format, banned) {
    const isFirst = this.paragraphs.length === 0;
    await this.#session.append(isFirst ? start : `\n\n${start}`);
    const { text, usage } = await this.#session.generate('', this.#storyOptions(format, banned));
    this.#state.tokens = usage.promptTokens + usage.completionTokens;
    this.paragraphs.push(start + text);
    return text;
  }

  /** Asks the model for ideas on a copy of the session, and offers the likeliest that begin differently. */
  async #offer() {
    const lead = `\n\n${this.world.hero} decided to`;
    const fork = this.#session.fork();
    await fork.append(lead);
    const options = { ...this.#storyOptions(this.#formats.action, CLOSING), n: 8 };
    const { choices } = await fork.generate('', options);
    fork.dispose();
    const kind = choices.filter(({ finishReason }) => finishReason !== 'filter');
    const ideas = [...new Set(kind.map(({ text }) => text))];
    const { logprobs } = await this.#model.choose(this.paragraphs.at(-1) + lead, ideas);
    const best = ideas.toSorted((a, b) => logprobs[ideas.indexOf(b)] - logprobs[ideas.indexOf(a)]);
    const verb = (idea) => idea.split(' ')[1];
    const different = best.filter((idea, i) => best.findIndex((other) => verb(other) === verb(idea)) === i);
    const offered = [...new Set([...different, ...best])].map((idea) => idea.slice(1));
    const isSearched = this.#state.turn >= TURNS_OF_SEARCH;
    const search = isSearched ? [`look for the ${wishOf(this.world)}.`] : [];
    this.#state.actions = [...offered.slice(0, OFFERED - search.length), ...search];
  }

  #storyOptions(format, banned) {
    return {
      format,
      filter: { words: words(UNKIND), action: 'retry', retries: 20 },
      bannedTexts: words([...otherNames(this.world), ...banned]),
      dryMultiplier: 0.8,
      dryAllowedLength: 3,
      maxTokens: MOST_TOKENS,
      seed: this.#nextSeed(),
    };
  }
}

const words = (texts) => ({ texts, ignoreCase: true, wholeWords: true });

/** Compiled once, since each is used many times. */
async function compiledFormats() {
  const entries = Object.entries({ paragraph: PARAGRAPH, twist: TWIST, ending: ENDING, action: ACTION });
  return Object.fromEntries(
    await Promise.all(entries.map(async ([name, format]) => [name, await compileFormat(format)])),
  );
}
