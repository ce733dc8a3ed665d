import { KINDS, LOUDNESSES, PITCHES } from './world.js';

const NUMBERS = ['', 'a', 'two', 'three', 'four'];

/** What is heard in a recording: "three soft high beeps, then a loud noise burst". */
export function captionOf({ groups }) {
  return groups.map(phraseOf).join(', then ');
}

function phraseOf({ kind, pitch, count, loudness }) {
  const words = [NUMBERS[count], loudness, pitch, count === 1 ? kind : `${kind}s`];
  return words.filter((word) => word !== undefined).join(' ');
}

const anyOf = (words) => words.join('|');
const PHRASE = new RegExp(
  `^(${anyOf(NUMBERS.slice(1))}) (${anyOf(LOUDNESSES)}) (?:(${anyOf(PITCHES)}) )?(${anyOf(Object.keys(KINDS))})(s?)$`,
);

/** The groups that a caption names, in order; undefined if the text is not a caption of this grammar. */
export function parseCaption(text) {
  const groups = text.split(', then ').map(parsePhrase);
  return groups.includes(undefined) ? undefined : groups;
}

function parsePhrase(text) {
  const [, number, loudness, pitch, kind, plural] = PHRASE.exec(text) ?? [];
  const count = NUMBERS.indexOf(number);
  const fits = count > 0 && count > 1 === (plural === 's') && KINDS[kind].hasPitch === (pitch !== undefined);
  return fits ? { kind, pitch, count, loudness } : undefined;
}
