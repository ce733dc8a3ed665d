import type { EncoderConfig } from '../architecture/vit/config.js';
import type { Core } from '../core/types.js';
import type { Completion, Token } from '../generate/completion.js';
import type { PromptInputs } from '../generate/inputs.js';
import { CrossAttentionReader } from '../model/cross_attention.js';
import type { Caption, CaptionToken } from './caption.js';
import { patchAttention } from './patches.js';

/** A caption that grows, and the attention for each of its tokens. */
interface Choice {
  readonly reader: CrossAttentionReader;
  /** The prompt and the caption so far. */
  readonly ids: number[];
  readonly attention: Float32Array[];
}

/** Attention of the rows that the tokens of captions came from. */
export class CaptionAttention {
  readonly #core: Core;
  readonly #config: EncoderConfig;
  readonly #prompt: readonly number[];
  readonly #inputs: PromptInputs;
  readonly #choices = new Map<number, Choice>();

  constructor(core: Core, config: EncoderConfig, prompt: readonly number[], inputs: PromptInputs) {
    this.#core = core;
    this.#config = config;
    this.#prompt = prompt;
    this.#inputs = inputs;
  }

  /** A token with the attention of the row before it, which it was chosen from. */
  async add(token: Token): Promise<CaptionToken> {
    const { reader, ids, attention } = this.#choice(token.index);
    const { data } = await reader.read(ids, ids.length - 1);
    const patches = patchAttention(data, this.#config);
    ids.push(token.id);
    attention.push(patches);
    return { ...token, attention: patches };
  }

  /** A completion with the attention for all tokens that were added. */
  addTo(completion: Completion): Caption {
    const of = (index: number) => ({ attention: this.#choices.get(index)?.attention ?? [] });
    const choices = completion.choices.map((choice) => ({ ...choice, ...of(choice.index) }));
    return { ...completion, ...of(0), choices };
  }

  release(): void {
    for (const { reader } of this.#choices.values()) reader.release();
  }

  #choice(index: number): Choice {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const reader = new CrossAttentionReader(this.#core, this.#inputs);
    const choice = { reader, ids: [...this.#prompt], attention: [] };
    this.#choices.set(index, choice);
    return choice;
  }
}
