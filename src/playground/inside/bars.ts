import { percentOf } from '../../examine/report/percent.js';
import { make } from '../page/dom.js';
import { type Chances, chanceOf, type NextTokens } from './next_tokens.js';
import type { TokenNames } from './token_names.js';

/** Tokens that are shown, likeliest first. */
const SHOWN = 8;
/** Of the tokens that are likeliest without the changes, so many are shown too. */
const SHOWN_UNCHANGED = 3;

/** What may come next, and how likely it is. */
export interface NextChances {
  readonly next: NextTokens;
  readonly chances: Chances;
}

/** The ids whose bars are shown. */
export function shownIds(next: NextTokens, unchanged?: NextTokens): number[] {
  const ids = [...next.ids.subarray(0, SHOWN), ...(unchanged?.ids.subarray(0, SHOWN_UNCHANGED) ?? [])];
  return [...new Set(ids)];
}

/** A bar for each of the likeliest tokens. */
export class Bars {
  readonly element = make('ol', { class: 'bars', 'aria-label': 'The likeliest tokens' });
  /** Says what the bars do not show. */
  readonly rest = make('p', { class: 'meaning' });
  readonly #rows: Row[] = [];

  /** `unchanged`: the same of the model without changes, if there are any. */
  show(shown: NextChances, unchanged: NextChances | undefined, names: TokenNames): void {
    const ids = shownIds(shown.next, unchanged?.next);
    while (this.#rows.length < ids.length) {
      const row = new Row();
      this.#rows.push(row);
      this.element.append(row.element);
    }
    for (const [i, row] of this.#rows.entries()) {
      const id = ids[i];
      row.element.hidden = id === undefined;
      if (id === undefined) continue;
      row.show(names.nameOf(id), shareOf(shown, id), unchanged && shareOf(unchanged, id));
    }
    this.#showRest(shown.chances, ids, unchanged !== undefined);
  }

  #showRest({ before, kept, keptShare }: Chances, ids: readonly number[], isChanged: boolean): void {
    const others = before.length - ids.length;
    const removed = before.length - kept;
    const removedShare = Math.max(0, 1 - keptShare);
    const rest =
      removed === 0
        ? `${others.toLocaleString('en-US')} other tokens share the rest. Nothing is taken away.`
        : `Top k and top p leave ${kept.toLocaleString('en-US')} of ${before.length.toLocaleString('en-US')} tokens, ` +
          `and take away ${percentOf(removedShare)} of the probability.`;
    this.rest.textContent = isChanged ? `Thin bars: the model without changes. ${rest}` : rest;
  }
}

/** What a token has of the probability. */
interface Share {
  /** Before top-k and top-p. */
  readonly before: number;
  readonly after: number;
  readonly isKept: boolean;
}

function shareOf({ next, chances }: NextChances, id: number): Share {
  const rank = next.rankOf(id);
  return { before: chances.before[rank]!, after: chanceOf(chances, rank), isKept: rank < chances.kept };
}

/** The bar of a token. Its elements stay, so that a slider moves only what it changes. */
class Row {
  readonly #name = make('span', { class: 'token' });
  readonly #before = make('span', { class: 'before' });
  readonly #after = make('span', { class: 'after' });
  readonly #unchanged = make('span', { class: 'unchanged' });
  readonly #chance = make('span', { class: 'chance' });
  readonly element = make(
    'li',
    {},
    this.#name,
    make('span', { class: 'track', 'aria-hidden': 'true' }, this.#before, this.#after, this.#unchanged),
    this.#chance,
  );

  show(name: string, share: Share, unchanged: Share | undefined): void {
    if (this.#name.textContent !== name) this.#name.textContent = name;
    this.#before.style.transform = `scaleX(${share.before})`;
    this.#after.style.transform = `scaleX(${share.after})`;
    this.#unchanged.hidden = unchanged === undefined;
    this.#unchanged.style.transform = `scaleX(${unchanged?.after ?? 0})`;
    this.element.classList.toggle('removed', !share.isKept);
    this.#chance.replaceChildren(
      make('span', {}, ...figures(share)),
      unchanged === undefined ? '' : make('span', { class: 'was' }, ' was ', ...figures(unchanged)),
    );
  }
}

/** The share; struck through if it is taken away. */
function figures({ before, after, isKept }: Share): (Node | string)[] {
  const isRemoved = !isKept && before > 0;
  const share = isRemoved ? before : after;
  const figure = share === 0 ? '0 %' : percentOf(share);
  return isRemoved ? [make('s', {}, figure), make('span', { class: 'hidden' }, ' taken away')] : [figure];
}
