import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { ApiError } from '../api_error.js';
import { PLAIN_STOP, plainForm } from './plain_form.js';
import { PlainSpecials } from './plain_specials.js';
import type { ChatTool } from './request.js';
import { type ChatTemplates, chatTemplates, compileTemplate, type Render } from './template.js';
import type { Turn } from './turns.js';

/** A chat as the model continues it. */
export interface ChatPrompt {
  readonly ids: number[];
  /** A text at which the answer ends, beside the tokens that end a text. */
  readonly stop: string | undefined;
}

/** Characters of a template's reason that a message repeats. */
const LONGEST_REASON = 200;

/** Turns chats into prompts of one model. */
export class ChatPrompts {
  readonly #tokenizer: Tokenizer;
  readonly #templates: ChatTemplates | undefined;
  readonly #compiled = new Map<string, Promise<Render>>();

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    this.#templates = chatTemplates(tokenizer);
  }

  /**
   * The tokens of a chat, by the model's template or in the plain form, up to the answer; undefined if there are more
   * than `most`. Texts of special tokens count as such in the template alone: who writes a message cannot end it.
   * Throws an ApiError for messages that the template refuses.
   */
  async promptOf(
    turns: readonly Turn[],
    tools: readonly ChatTool[],
    most: number,
  ): Promise<ChatPrompt | undefined> {
    const tokenizer = this.#tokenizer;
    const templates = this.#templates;
    if (templates === undefined) {
      const ids = tokenizer.encodeUpTo(plainForm(turns), most);
      return ids && { ids, stop: PLAIN_STOP };
    }
    const source = (tools.length > 0 ? templates.toolUse : undefined) ?? templates.chat;
    const render = await this.#compile(source);
    const specials = new PlainSpecials(tokenizer);
    const values = {
      ...templates.tokens,
      messages: specials.mark(turns),
      // Hugging Face has None where there are no tools.
      tools: tools.length > 0 ? specials.mark(tools) : null,
      documents: null,
      add_generation_prompt: true,
    };
    let text: string;
    try {
      text = render(values);
    } catch (cause) {
      const reason = (cause as Error).message.slice(0, LONGEST_REASON);
      throw new ApiError(400, `the model's chat template cannot write these messages: ${reason}`, {
        ...{ param: 'messages', code: 'invalid_value', cause },
      });
    }
    const ids = specials.encode(text, most);
    return ids && { ids, stop: undefined };
  }

  #compile(source: string): Promise<Render> {
    const compiled = this.#compiled.get(source) ?? compileTemplate(source);
    this.#compiled.set(source, compiled);
    return compiled;
  }
}

const known = new WeakMap<Tokenizer, ChatPrompts>();

/** The prompts of a tokenizer's model: its templates are read once. */
export function chatPrompts(tokenizer: Tokenizer): ChatPrompts {
  const prompts = known.get(tokenizer) ?? new ChatPrompts(tokenizer);
  known.set(tokenizer, prompts);
  return prompts;
}
