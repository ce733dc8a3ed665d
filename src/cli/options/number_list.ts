import { InvalidArgumentError } from 'commander';

const ITEM = /^(-?\d{1,9})(?:\.\.(-?\d{1,9}))?$/;
/** More numbers are no list that somebody means. */
const MOST = 100_000;

/** Parses whole numbers and ranges such as `0,4..6,-1`; a range holds both of its ends. */
export function parseNumberList(text: string): number[] {
  return text.split(',').flatMap((item) => {
    const [, first, last = first] = ITEM.exec(item.trim()) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || to < from || to - from >= MOST) {
      throw new InvalidArgumentError('It must be numbers and ranges separated by commas, such as 0,4..6,-1.');
    }
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}
