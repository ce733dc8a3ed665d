const LONGEST = 3;
const DRAFTED = 8;

/**
 * What prompt lookup (Saxena 2023) gets from a text that is already known, in its plain form: after each pass it drafts the 8
 * tokens that followed the latest earlier occurrence of the last 3 tokens, or else 2, or 1; a pass accepts those that
 * are right and adds one token. Returns the tokens a pass, which bounds the gain where a pass costs no more than a token.
 */
export function lookupTokensPerPass(ids, start) {
  let passes = 0;
  for (let at = start; at < ids.length; passes++) at += 1 + accepted(ids, at);
  return (ids.length - start) / passes;
}

function accepted(ids, at) {
  for (let length = LONGEST; length > 0; length--) {
    for (let from = at - length - 1; from >= 0; from--) {
      if (!same(ids, from, at - length, length)) continue;
      let right = 0;
      const known = Math.min(DRAFTED, at - from - length, ids.length - 1 - at);
      while (right < known && ids[from + length + right] === ids[at + right]) right++;
      return right;
    }
  }
  return 0;
}

function same(ids, i, j, length) {
  for (let k = 0; k < length; k++) if (ids[i + k] !== ids[j + k]) return false;
  return true;
}
