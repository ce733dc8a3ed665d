import { Gpt2Error } from '../../base/errors.js';
import { hexBytes } from '../../base/hex_bytes.js';
import type { Model } from '../../model/model.js';
import { bytesOfToken } from '../../tokenizer/bytes_of_token.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The texts of a model's tokens, also of those that have none of their own. */
export class TokenTexts {
  readonly #tokenizer: Tokenizer | undefined;

  constructor(model: Model) {
    try {
      this.#tokenizer = model.tokenizer;
    } catch (error) {
      if (!(error instanceof Gpt2Error && error.code === 'not-found')) throw error;
    }
  }

  /**
   * A text that stands for one token alone, as in OpenAI's log-probabilities: `bytes:\xe2\x80` for bytes that are not
   * UTF-8; for a token without bytes `token_id:5`, as vLLM has it.
   */
  labelOf(id: number): string {
    const bytes = this.bytesOf(id);
    if (bytes === undefined) return `token_id:${id}`;
    try {
      return utf8.decode(bytes);
    } catch {
      return `bytes:\\x${hexBytes(bytes, '\\x')}`;
    }
  }

  /** The bytes of a token; undefined for one without any. */
  bytesOf(id: number): Uint8Array | undefined {
    return this.#tokenizer && bytesOfToken(this.#tokenizer, id);
  }

  /** The text of tokens in a row; those without one are left out. */
  decode(ids: readonly number[]): string {
    const decoder = this.decoder();
    return ids.map((id) => decoder.push(id)).join('') + decoder.end();
  }

  /** Decodes one token at a time; gives whole characters. */
  decoder(): { push(id: number): string; end(): string } {
    const tokenizer = this.#tokenizer;
    const decoder = tokenizer?.streamDecoder();
    if (tokenizer === undefined || decoder === undefined) return { push: () => '', end: () => '' };
    return {
      push: (id) => (bytesOfToken(tokenizer, id) === undefined ? '' : decoder.push(id)),
      end: () => decoder.end(),
    };
  }
}
