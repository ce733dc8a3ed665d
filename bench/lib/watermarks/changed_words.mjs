/** Random numbers from 0 to 1 (mulberry32). */
export function random(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A text in which a share of the words, taken at random, are other ones of `words`. */
export function changedWords(text, share, words, next) {
  return text.replace(/\S+/g, (word) => (next() < share ? words[Math.floor(next() * words.length)] : word));
}
