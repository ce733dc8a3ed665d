import { characterLength } from './characters.js';
import { BYTE, CONTROL, type SentencePieceDefinition, SPACE_SYMBOL, UNKNOWN } from './definition.js';
import { byteOfPiece } from './encoder.js';

/** The continuation bytes with which every beginning of a character can be completed: one of these fits. */
const CONTINUATIONS = [0x80, 0xbf];
/** Most bytes of a character. */
const MOST_BYTES = 4;

/** The text of ids, one at a time, as SentencePiece's own decoder gives it for all of them. */
export class SentencePieceDecoder {
  readonly #definition: SentencePieceDefinition;
  readonly #showsControl: boolean;
  /** Bytes of a character that is not complete yet. */
  #held: number[] = [];
  /** Whether a space at the start of the next piece is that of the dummy prefix. */
  #dropsSpace: boolean;

  /**
   * `showsControl`: control pieces such as </s> are part of the text. `continues`: the text goes on another
   * one, so that its first space is kept.
   */
  constructor(definition: SentencePieceDefinition, showsControl: boolean, continues = false) {
    this.#definition = definition;
    this.#showsControl = showsControl;
    this.#dropsSpace = !continues && (definition.addDummyPrefix || definition.removeExtraWhitespaces);
  }

  /** The text that an id of the model adds. */
  push(id: number): string {
    const { pieces, types, removeExtraWhitespaces, unknownSurface } = this.#definition;
    const piece = pieces[id]!;
    if (types[id] === BYTE) {
      this.#held.push(byteOfPiece(piece));
      const text = this.#completed(false);
      if (text !== '') this.#dropsSpace = false;
      return text;
    }
    if (types[id] === CONTROL) return this.add(this.#showsControl ? piece : '');
    const before = this.add('');
    let text = piece;
    if (types[id] === UNKNOWN) text = unknownSurface;
    else {
      const drops = this.#dropsSpace && piece.startsWith(SPACE_SYMBOL);
      text = (drops ? piece.slice(1) : piece).replaceAll(SPACE_SYMBOL, ' ');
      if (drops && !removeExtraWhitespaces) this.#dropsSpace = false;
    }
    if (text !== '') this.#dropsSpace = false;
    return before + text;
  }

  /** Adds the text of a token that is no piece of the model, which does not count as text. */
  add(text: string): string {
    const before = this.end();
    if (before !== '') this.#dropsSpace = false;
    return before + text;
  }

  /** The rest of the text: U+FFFD for each byte of an incomplete character. */
  end(): string {
    return this.#held.length === 0 ? '' : this.#completed(true);
  }

  /** Takes the characters from the held bytes; with `all`, also those that more bytes could complete. */
  #completed(all: boolean): string {
    let text = '';
    while (this.#held.length > 0) {
      const bytes = Uint8Array.from(this.#held);
      const length = characterLength(bytes, 0);
      if (length === 0 && !all && isIncomplete(bytes)) break;
      text +=
        length === 0
          ? '\ufffd'
          : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, length));
      this.#held = this.#held.slice(Math.max(length, 1));
    }
    return text;
  }
}

/** Whether more bytes could make a character of bytes that are none. */
function isIncomplete(bytes: Uint8Array): boolean {
  if (bytes.length >= MOST_BYTES) return false;
  return CONTINUATIONS.some((byte) => {
    const whole = new Uint8Array(MOST_BYTES).fill(byte);
    whole.set(bytes);
    return characterLength(whole, 0) > bytes.length;
  });
}
