/** Every letter that has another case. */
let cased: string[] | undefined;
const known = new Map<string, readonly string[]>();

/** No letter with cases has a higher code point. */
const LAST_CASED = 0x1ffff;

function casedLetters(): string[] {
  if (cased === undefined) {
    const changes = /\p{Changes_When_Casemapped}|\p{Changes_When_Casefolded}/u;
    cased = [];
    for (let code = 0; code <= LAST_CASED; code++) {
      const character = String.fromCodePoint(code);
      if (changes.test(character)) cased.push(character);
    }
  }
  return cased;
}

/** A character and those that differ from it by case alone ("s", "S" and "ſ"). */
export function caseVariants(character: string): readonly string[] {
  let variants = known.get(character);
  if (variants === undefined) {
    const letters = casedLetters();
    const same = new RegExp(`^\\u{${character.codePointAt(0)!.toString(16)}}$`, 'iu');
    variants = letters.includes(character) ? letters.filter((letter) => same.test(letter)) : [character];
    known.set(character, variants);
  }
  return variants;
}

/** The letters that a class lacks and that differ by case alone from letters in it. `test`: whether a letter is in it. */
export function missingVariants(test: (letter: string) => boolean): string[] {
  const members = casedLetters().filter(test);
  const isIn = new Set(members);
  return [...new Set(members.flatMap((letter) => caseVariants(letter)))].filter(
    (letter) => !isIn.has(letter),
  );
}
