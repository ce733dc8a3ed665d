/** Token ids of texts in all scripts, and their texts again. */
export async function tokens({ model, draw }) {
  const results = [];
  for (let text = 0; text < 20; text++) {
    const codePoints = Array.from({ length: 200 }, () => drawnCodePoint(draw));
    const ids = await model.tokenizer.encode(String.fromCodePoint(...codePoints));
    results.push(ids, await model.tokenizer.decode(ids));
  }
  return results;
}

/** Any code point that is no half of a pair, most often of planes with letters. */
function drawnCodePoint(draw) {
  const end = draw.pick([0x80, 0x800, 0x3000, 0xd800, 0x20000, 0x40000, 0x110000]);
  const drawn = draw.below(end);
  return drawn >= 0xd800 && drawn < 0xe000 ? 0x20 : drawn;
}
