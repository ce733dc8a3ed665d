import { invalidOption, show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';

/** The tokens of a text that a change is for. */
export interface TextLength {
  /** Tokens that the text has when it is given. */
  readonly tokens: number;
  /** Whether more follow, which are generated. */
  readonly grows: boolean;
}

/** Positions that are chosen. */
export interface Chosen {
  /** How many of the positions of the text that is given; undefined if later ones belong to them. */
  readonly count: number | undefined;
  /** The place of a position among them, or -1. */
  indexOf(position: number): number;
}

/** A list of positions in its order: -1 is the last one. Throws `invalid-option`. */
export function positionList(given: unknown, tokens: number, where: string): number[] {
  const list = typeof given === 'object' && given !== null ? (given as ArrayLike<unknown>) : undefined;
  if (list === undefined || !Number.isInteger(list.length) || list.length < 1) {
    throw invalidOption(where, given, 'a list of positions');
  }
  if (list.length > tokens) {
    const message = `${where} has ${list.length} positions; the text has ${tokens} tokens`;
    throw new Gpt2Error('invalid-option', message);
  }
  const positions: number[] = [];
  for (let i = 0; i < list.length; i++) {
    const position = list[i] as number;
    if (!(Number.isInteger(position) && position >= -tokens && position < tokens)) {
      throw invalidOption(`${where}[${i}]`, position, `a whole number from ${-tokens} to ${tokens - 1}`);
    }
    const absolute = position < 0 ? position + tokens : position;
    if (positions.includes(absolute)) {
      throw new Gpt2Error(
        'invalid-option',
        `${where}[${i}] is ${show(position)}, which is in the list before`,
      );
    }
    positions.push(absolute);
  }
  return positions;
}

/** All positions of a text. */
export const allPositions = (tokens: number): number[] =>
  Array.from({ length: tokens }, (_, position) => position);

/** A list of positions as of `positionList`; all of them if none is given. Throws `invalid-option`. */
export const positionsOrAll = (given: unknown, tokens: number): number[] =>
  given === undefined ? allPositions(tokens) : positionList(given, tokens, 'positions');

/** Looks positions up in a list. */
export function chosenOf(positions: readonly number[]): Chosen {
  const places = new Map(positions.map((position, place) => [position, place]));
  return { count: positions.length, indexOf: (position) => places.get(position) ?? -1 };
}

const WORDS = "'all', 'prompt', 'generated' or a list of positions";

/** The positions of a change. Throws `invalid-option`. */
export function editPositions(given: unknown, { tokens, grows }: TextLength, where: string): Chosen {
  if (typeof given !== 'string') return chosenOf(positionList(given, tokens, where));
  const isPrompt = (position: number) => position < tokens;
  if (given === 'all') return { count: grows ? undefined : tokens, indexOf: (position) => position };
  if (given === 'prompt')
    return { count: tokens, indexOf: (position) => (isPrompt(position) ? position : -1) };
  if (given === 'generated' && grows) {
    return { count: undefined, indexOf: (position) => (isPrompt(position) ? -1 : position - tokens) };
  }
  throw invalidOption(
    where,
    given,
    grows ? WORDS : "'all', 'prompt' or a list of positions: nothing is generated",
  );
}
