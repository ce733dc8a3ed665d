import type { CaptionToken } from '../../vision/caption.js';

/** A word of a caption with the signs that follow it, and how much each patch weighed for it. */
export interface Word {
  readonly text: string;
  /** The mean over the word's tokens. */
  readonly weights: Float32Array;
}

/** Joins tokens to words, as they come: a word begins with a space. */
export class WordJoiner {
  readonly #words: { text: string; tokens: Float32Array[] }[] = [];
  /** Tokens without text of their own yet: parts of a character, or the end of the caption. */
  #pending: Float32Array[] = [];

  add({ text, attention }: Pick<CaptionToken, 'text' | 'attention'>): void {
    this.#pending.push(attention!);
    if (text === '') return;
    const pieces = text.split(/(?=\s\S)/);
    for (const [i, piece] of pieces.entries()) {
      const isNew = /^\s\S/.test(piece) || /^\s?$/.test(this.#words.at(-1)?.text.slice(-1) ?? '');
      if (isNew) this.#words.push({ text: '', tokens: [] });
      const word = this.#words.at(-1)!;
      word.text += i === 0 && isNew ? piece.trimStart() : piece;
      word.tokens.push(...this.#pending);
    }
    this.#pending = [];
  }

  get words(): Word[] {
    return this.#words.map(({ text, tokens }) => ({ text: text.trim(), weights: mean(tokens) }));
  }
}

function mean(all: readonly Float32Array[]): Float32Array {
  return all[0]!.map((_, i) => all.reduce((sum, weights) => sum + weights[i]!, 0) / all.length);
}
