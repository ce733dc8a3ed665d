/** Most characters of a token that is taken apart: the time for that grows with their square. */
const MOST_CHARACTERS = 256;

/**
 * All pairs of tokens whose join is a token, in the order of the joins in `order`. Of pairs with the same
 * join, those of lower ids come first.
 */
export function joins(ids: ReadonlyMap<string, number>, order: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (const token of order) {
    if (token.length > MOST_CHARACTERS) continue;
    const own: [left: number, right: number, at: number][] = [];
    for (let at = 1; at < token.length; at++) {
      const left = ids.get(token.slice(0, at));
      const right = left === undefined ? undefined : ids.get(token.slice(at));
      if (right !== undefined) own.push([left!, right, at]);
    }
    own.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    for (const [, , at] of own) pairs.push([token.slice(0, at), token.slice(at)]);
  }
  return pairs;
}
