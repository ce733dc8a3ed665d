import { COLOURS, PLACES, RELATIONS, SHAPES, SIZES } from './world.js';

const NUMBERS = ['', 'a', 'two', 'three', 'four'];

/** The caption of a picture: "three red circles at the top left and a big blue square below". */
export function captionOf({ groups }) {
  const phrases = groups.map((group, index) => `${thingsOf(group)} ${whereOf(group, groups[index - 1])}`);
  const last = phrases.pop();
  return phrases.length === 0 ? last : `${phrases.join(', ')} and ${last}`;
}

function thingsOf({ count, size, colour, shape }) {
  const words = count === 1 ? [size, colour, shape] : [colour, `${shape}s`];
  return [NUMBERS[count], ...words].join(' ');
}

/** A direction from the group before, if it lies in the same row or column; else the place. */
function whereOf({ place }, before) {
  const relation = before && Object.keys(RELATIONS).find((name) => RELATIONS[name](place, before.place));
  return relation ?? PLACES[place];
}

const anyOf = (words) => words.join('|');
const PHRASE = new RegExp(
  `^(${anyOf(NUMBERS.slice(1))}) (?:(${anyOf(SIZES)}) )?(${anyOf(COLOURS)}) (${anyOf(SHAPES)})(s?) ` +
    `(?:(${anyOf(PLACES)})|(${anyOf(Object.keys(RELATIONS))}))$`,
);

/**
 * The groups that a caption names: { count, size?, colour, shape } with `place`, or with `relation` to the group
 * before. Undefined if the text is not a caption of this grammar.
 */
export function parseCaption(text) {
  const parts = text.split(/, | and /);
  if (parts.length > 1 && text !== `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`) return undefined;
  const groups = parts.map(parsePhrase);
  return groups.includes(undefined) || groups[0].relation !== undefined ? undefined : groups;
}

function parsePhrase(text) {
  const [, number, size, colour, shape, plural, where, relation] = PHRASE.exec(text) ?? [];
  const count = NUMBERS.indexOf(number);
  if (count < 1 || (count === 1) === (plural === 's') || (count === 1) !== (size !== undefined))
    return undefined;
  return {
    ...{ count, colour, shape },
    ...(size && { size }),
    ...(relation ? { relation } : { place: PLACES.indexOf(where) }),
  };
}
