/** Random whole numbers, the same for a seed in every runtime: splitmix32 (Steele, Lea and Flood 2014). */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  /** A whole number from 0 to `count` - 1; `count` is at most 2^32. */
  const below = (count) => Math.floor((next() / 2 ** 32) * count);
  return {
    below,
    /** A whole number from `least` to `most`. */
    from: (least, most) => least + below(most - least + 1),
    pick: (items) => items[below(items.length)],
    /** Takes an item out of an array. */
    takeFrom: (items) => items.splice(below(items.length), 1)[0],
  };
}
