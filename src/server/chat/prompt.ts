import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { ApiError } from '../api_error.js';
import { type ChatEnding, PLAIN_STOP, plainForm } from './plain_form.js';
import { mark, PlainSpecials } from './plain_specials.js';
import type { ChatTool } from './request.js';
import { strftime } from './strftime.js';
import { type ChatTemplates, chatTemplates, compileTemplate, type Render } from './template.js';
import type { Turn } from './turns.js';

/** A chat as the model continues it. */
export interface ChatPrompt {
  readonly ids: number[];
  /** A text at which the answer ends, beside the tokens that end a text. */
  readonly stop: string | undefined;
}

/** How a chat is written. */
export interface PromptOptions {
  /** Default: `answer`. */
  readonly ending?: ChatEnding;
  /** Variables of the template beside the usual ones, a value of JSON each. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The time that the template's `strftime_now` writes. Default: a fixed one, so that a chat is the same text always. */
  readonly time?: Date | undefined;
}

/** 26 July 2024: the date that Llama's templates write when they have no clock. */
const FIXED_TIME = new Date(Date.UTC(2024, 6, 26));

/** Characters of a template's reason that a message repeats. */
const LONGEST_REASON = 200;

/** Turns chats into prompts of one model. */
export class ChatPrompts {
  readonly #tokenizer: Tokenizer;
  readonly #templates: ChatTemplates | undefined;
  readonly #compiled = new Map<string, Promise<Render>>();

  /** `standard`: the template of a model that has none; undefined: the plain form. */
  constructor(tokenizer: Tokenizer, standard?: string) {
    this.#tokenizer = tokenizer;
    this.#templates = chatTemplates(tokenizer, standard);
  }

  /**
   * The tokens of a chat, by the model's template or in the plain form; undefined if there are more
   * than `most`. Texts of special tokens count as such in the template alone: who writes a message cannot end it.
   * Throws an ApiError for messages that the template refuses.
   */
  async promptOf(
    turns: readonly Turn[],
    tools: readonly ChatTool[],
    most: number,
    { ending = 'answer', variables = {}, time = FIXED_TIME }: PromptOptions = {},
  ): Promise<ChatPrompt | undefined> {
    const templates = this.#templates;
    if (templates === undefined) {
      const ids = this.#tokenizer.encodeUpTo(plainForm(turns, ending), most);
      return ids && { ids, stop: PLAIN_STOP };
    }
    const source = (tools.length > 0 ? templates.toolUse : undefined) ?? templates.chat;
    const render = await this.#compile(source);
    const specials = new PlainSpecials(this.#tokenizer);
    const isContinued = ending === 'continue';
    const end = mark();
    const text = rendered(render, isContinued ? end : undefined, {
      ...templates.tokens,
      // Hugging Face has None where there are none.
      documents: null,
      ...(specials.mark(variables) as object),
      strftime_now: (format: unknown) => strftime(String(format), time),
      messages: specials.mark(isContinued ? withEnd(turns, end) : turns),
      tools: tools.length > 0 ? specials.mark(tools) : null,
      add_generation_prompt: ending === 'answer',
    });
    const ids = specials.encode(text, most);
    return ids && { ids, stop: undefined };
  }

  /** The text of finished turns in the plain form; undefined for a model with a template, where not all is text. */
  plainTextOf(turns: readonly Turn[]): string | undefined {
    return this.#templates === undefined ? plainForm(turns, 'none') : undefined;
  }

  #compile(source: string): Promise<Render> {
    const compiled = this.#compiled.get(source) ?? compileTemplate(source);
    this.#compiled.set(source, compiled);
    return compiled;
  }
}

/** What a template writes, up to the mark `end` if there is one. Throws an ApiError with the template's reason. */
function rendered(render: Render, end: string | undefined, values: Parameters<Render>[0]): string {
  try {
    const text = render(values);
    return end === undefined ? text : upToEnd(text, end);
  } catch (cause) {
    const reason = (cause as Error).message.slice(0, LONGEST_REASON);
    throw new ApiError(400, `the model's chat template cannot write these messages: ${reason}`, {
      ...{ param: 'messages', code: 'invalid_value', cause },
    });
  }
}

/** The turns with a mark after the content of the last one, and a space that shows whether the template trims it. */
function withEnd(turns: readonly Turn[], end: string): Turn[] {
  const last = turns.at(-1)!;
  return [...turns.slice(0, -1), { ...last, content: `${last.content}${end} ` }];
}

/** A text up to the mark. Throws an Error if it is not there. */
function upToEnd(text: string, end: string): string {
  const at = text.lastIndexOf(end);
  if (at === -1) throw new Error('it does not write the last message, which is to be continued');
  const isTrimmed = text[at + end.length] !== ' ';
  return isTrimmed ? text.slice(0, at).trimEnd() : text.slice(0, at);
}

const known = new WeakMap<Tokenizer, ChatPrompts>();

/** The prompts of a tokenizer's model: its templates are read once. `standard` counts in the first call. */
export function chatPrompts(tokenizer: Tokenizer, standard?: string): ChatPrompts {
  const prompts = known.get(tokenizer) ?? new ChatPrompts(tokenizer, standard);
  known.set(tokenizer, prompts);
  return prompts;
}
