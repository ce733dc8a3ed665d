const LONGEST = 3;
const DRAFTED = 8;

/**
 * Returns the tokens a pass of plain prompt lookup (Saxena 2023) on a known text. After each pass it drafts the 8 tokens
 * that followed the latest earlier occurrence of the last 3 tokens, or else 2, or 1; a pass accepts the right drafts and
 * adds one token. If a pass takes as long as a token, this bounds the gain.
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
