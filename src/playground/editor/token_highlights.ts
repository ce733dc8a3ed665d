import type { TextRange, TextToken } from '../document/tokenized_text.js';

/** Lowest probability of each level, from plain to the strongest but one. */
const LEVELS = [0.5, 0.2, 0.05, 0.01];
/** Names of the highlights of levels 1 to 4, which the style sheet colours. */
const NAMES = ['p1', 'p2', 'p3', 'p4'];
const MARKED = 'marked';

/** Whether the browser has the CSS Custom Highlight API; without it no token is coloured. */
export const canHighlight = typeof Highlight === 'function' && typeof CSS === 'object' && 'highlights' in CSS;

function levelOf(logprob: number): number {
  const level = LEVELS.findIndex((least) => Math.exp(logprob) >= least);
  return level < 0 ? LEVELS.length : level;
}

/**
 * Colours the tokens of a text node by highlights, because elements around tokens would change the layout.
 */
export class TokenHighlights {
  readonly #node: Text;
  readonly #levels: readonly Highlight[] = canHighlight ? NAMES.map(() => new Highlight()) : [];
  readonly #marked = canHighlight ? new Highlight() : undefined;

  constructor(node: Text) {
    this.#node = node;
    if (this.#marked === undefined) return;
    for (const [i, name] of NAMES.entries()) CSS.highlights.set(name, this.#levels[i]!);
    CSS.highlights.set(MARKED, this.#marked);
    this.#marked.priority = 1;
  }

  /** Colours the tokens in a range of the text, and no others. */
  show(tokens: readonly TextToken[], { from, to }: TextRange): void {
    if (this.#marked === undefined) return;
    for (const level of this.#levels) level.clear();
    let end = 0;
    for (const { text, logprob } of tokens) {
      const start = end;
      end += text.length;
      if (end <= from || logprob === undefined) continue;
      if (start >= to) break;
      const level = levelOf(logprob);
      if (level > 0) this.#levels[level - 1]!.add(this.#rangeOf(start, end));
    }
  }

  mark(range: TextRange | undefined): void {
    this.#marked?.clear();
    if (range !== undefined) this.#marked?.add(this.#rangeOf(range.from, range.to));
  }

  /** A range without leading white space, which would be coloured at the end of the line above. */
  #rangeOf(start: number, end: number): StaticRange {
    const text = this.#node.data.slice(start, end);
    const space = text.trim() === '' ? 0 : text.length - text.trimStart().length;
    return new StaticRange({
      ...{ startContainer: this.#node, startOffset: start + space },
      ...{ endContainer: this.#node, endOffset: end },
    });
  }
}
