import { COLOURINGS, type Colouring } from '../../examine/report/levels.js';

/** The content of a link to the view. */
export interface LinkState {
  readonly text: string;
  readonly colouring: Colouring;
  /** Whether the first token is scored after the token that begins a text. */
  readonly start: boolean;
  /** Orders the choices of an exercise. */
  readonly seed: number;
}

/** Address of the view within the page. */
export const VIEW = '#examine';
/** Browsers, and programs that show links, cut longer addresses. */
export const MOST_CHARACTERS = 16_000;
export const MOST_SEED = 2 ** 32 - 1;

/**
 * The part of an address from its # on, which browsers never send to a server; `undefined` if the text is too
 * long for a link.
 */
export function hashOf({ text, colouring, start, seed }: LinkState): string | undefined {
  // No text is shorter in an address than here.
  if (text.length > MOST_CHARACTERS) return undefined;
  const values = new URLSearchParams({ colours: colouring, start: String(start), seed: String(seed), text });
  const hash = `${VIEW}?${values}`;
  return hash.length > MOST_CHARACTERS ? undefined : hash;
}

/** What an address carries; `undefined` if it carries no text. Values that are not valid are left out. */
export function stateOf(hash: string): (Partial<LinkState> & Pick<LinkState, 'text'>) | undefined {
  if (!hash.startsWith(`${VIEW}?`) || hash.length > MOST_CHARACTERS) return undefined;
  const values = new URLSearchParams(hash.slice(VIEW.length + 1));
  const text = values.get('text');
  if (text === null || text === '') return undefined;
  const colouring = COLOURINGS.find((name) => name === values.get('colours'));
  const start = values.get('start');
  const seed = Number(values.get('seed') ?? Number.NaN);
  return {
    text,
    ...(colouring && { colouring }),
    ...((start === 'true' || start === 'false') && { start: start === 'true' }),
    ...(Number.isInteger(seed) && seed >= 0 && seed <= MOST_SEED && { seed }),
  };
}
